# filmgraph as an image: built in one stage, run in another that has no compiler, no pip cache and no root.
FROM python:3.11-slim-bookworm AS build
WORKDIR /build
COPY pyproject.toml constraints.txt README.md ./
COPY docs/api.md docs/api.md
COPY tools tools
COPY schema schema
COPY seed seed
COPY src src
RUN python -m venv /opt/filmgraph \
 && /opt/filmgraph/bin/pip install --no-cache-dir --constraint constraints.txt .

FROM python:3.11-slim-bookworm
RUN groupadd --system --gid 10001 filmgraph \
 && useradd --system --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin filmgraph \
 && install --directory --owner=10001 --group=10001 /data
COPY --from=build /opt/filmgraph /opt/filmgraph
ENV PATH=/opt/filmgraph/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    FILMGRAPH_HOST=0.0.0.0 \
    FILMGRAPH_STORE=/data/filmgraph.db
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
ENTRYPOINT ["filmgraph"]
CMD ["serve"]
