"""One file a step type. `STEP_TYPES` in `core.workflow.reading` is the explicit list."""
