"""The delivery service: deploys, drains and upgrades."""
