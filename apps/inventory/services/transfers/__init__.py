"""Moving stock between locations: request, send, receive, cancel. Each locks the transfer first and stock levels last."""
