"""The two pages to which links of mails lead: each sends what its reader says to the operation of the same path."""

from __future__ import annotations

HTML = "text/html; charset=utf-8"
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<h1>{title}</h1>
<form>{asked}<button>{button}</button> <output></output></form>
<script>
const form = document.querySelector("form");
form.addEventListener("submit", async (event) => {{
  event.preventDefault();
  const body = {{token: "TOKEN", ...Object.fromEntries(new FormData(form))}};
  const headers = {{"Content-Type": "application/json"}};
  const reply = await fetch(location.pathname, {{method: "POST", headers, body: JSON.stringify(body)}});
  form.querySelector("output").textContent = reply.ok ? "Done." : "That did not work.";
}});
</script>
</html>
"""
_PASSWORD = '<label>New password <input name="password" type="password" minlength="8" required></label> '
VERIFY = _PAGE.format(title="Verify your e-mail address", asked="", button="Verify")
RESET = _PAGE.format(title="Set your password", asked=_PASSWORD, button="Set")


def filled(page: str, token: str) -> str:
    """A page for a token, which is of hex digits alone."""
    return page.replace("TOKEN", token)
