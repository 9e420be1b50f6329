"""The page kit: shell, list, detail and form pages, search, scan box, and what upper apps contribute to them."""
