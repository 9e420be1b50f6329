"""Pages about the network. They live here because the network lies below the page kit and may not import it."""
