"""Cases: what a customer deals with for somebody on the other side, and what happened with them."""
