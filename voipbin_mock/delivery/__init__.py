"""Events outward: webhooks, their receivers, websockets."""
