"""What is considered for one turn: messages of its own thread or direct message, and nothing from anywhere else."""
