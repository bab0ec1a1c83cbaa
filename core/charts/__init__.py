"""What charts and waterfalls show, as values: pure, so that what is drawn can be looked at without drawing it."""
