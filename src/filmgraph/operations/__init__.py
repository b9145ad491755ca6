"""What an operator needs: logs, metrics, traces, limits of rate, compression. None of it knows of films."""
