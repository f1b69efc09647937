"""Conversations: what is written with texts, mails, LINE, WhatsApp and web chats, and the accounts for it."""
