"""Who there is: customers, agents, access keys, and logging in."""
