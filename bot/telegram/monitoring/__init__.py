"""What the operator sees: alerts, logs and metrics."""
