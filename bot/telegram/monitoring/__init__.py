"""What the operator sees: alerts, logs, metrics."""
