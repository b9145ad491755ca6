"""What schemathesis must know of this schema, named to it by SCHEMATHESIS_HOOKS: its scalars, and what a failure is.

Its own check takes every answer with errors for a failure; here an error that tells the asker what to change is none.
"""

import schemathesis
from hypothesis import strategies as st
from schemathesis.graphql import nodes

schemathesis.graphql.scalar("Date", st.dates().map(lambda day: nodes.String(day.isoformat())))
schemathesis.graphql.scalar("DateTime", st.datetimes().map(lambda moment: nodes.String(moment.isoformat())))


@schemathesis.check
def nothing_fails_within(ctx, response, case):
    assert response.status_code < 500, response.status_code
    codes = [error["extensions"]["code"] for error in response.json().get("errors", ())]
    assert "INTERNAL" not in codes, response.text
