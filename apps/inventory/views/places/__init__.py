"""Where in a store goods lie: its places, what lies on them, and carrying goods from one to another."""
