"""What both emulators share: time, faults, logs, the control interface and its client."""
