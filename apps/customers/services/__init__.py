"""What can be done with customers: recognise, look up, sign up, consent."""
