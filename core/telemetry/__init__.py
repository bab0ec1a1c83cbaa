"""What people are told of measurements, logs and traces: values, their units, the stretches of time that are looked at."""
