"""HTTP for any WSGI app on a port of this machine; imports nothing of ours."""
