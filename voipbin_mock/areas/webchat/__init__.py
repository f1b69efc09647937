"""Web chats: widgets in pages, and the visitors who write there."""
