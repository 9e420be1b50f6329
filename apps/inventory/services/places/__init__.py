"""Where in a location goods lie: the places that movements leave and come to, and the rule for those that do not say."""
