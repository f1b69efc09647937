"""Talk: chats and channels in which the agents of a customer write to each other."""
