"""What watches running systems: metrics, logs, traces and alerts, one folder a service."""
