"""What goes out of a customer's account: which countries may be called, and with which codecs."""
