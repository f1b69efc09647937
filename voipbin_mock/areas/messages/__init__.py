"""Messages: texts that go out and come in, and the outbox of all that is sent."""
