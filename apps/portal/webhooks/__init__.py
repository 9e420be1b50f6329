"""Pages about webhooks. They live here because access lies below the page kit and may not import it."""
