"""What flows may be told of, by code."""

from __future__ import annotations

from collections.abc import Mapping

CODES: Mapping[str, str] = {
    "dangling-target": "a flow leads to an action that is not in it: the caller is cut off there",
    "no-default": "a branch or condition without the target for everything else: the caller is cut off there",
    "endless-loop": "actions lead round and round with no way out, until the service ends the flow",
    "silent-loop": "a caller who presses nothing is led round until the service ends the flow",
    "goto-never": "a goto without loop_count never jumps",
    "goto-forever": "a goto whose loop_count never runs out on the server",
    "unreachable-action": "no way leads to an action",
    "duplicate-id": "two actions have one id; the second is never found by it",
    "word-id": "the id of an action is no UUID: the service makes another, and what leads to it leads nowhere",
    "unknown-type": "there is no such type of action",
    "option-type": "a member of an option is of the wrong type: the action fails",
    "option-member": "a member of an option that actions of this type do not know",
    "weekdays": "a condition with weekdays ends the flow on the server",
    "time-fields": "a condition by the time that the server reads in another way than the documents",
    "bare-variable": "a condition compares the name of a variable, not its value",
    "unknown-condition": "a condition by a symbol that is none",
    "unknown-variable": "a variable of the service that there is not: it is an empty text",
    "milliseconds-not-seconds": "a time of an action looks like milliseconds; the unit is seconds",
    "no-digits": "a branch by the digits of a caller who was never asked for any",
    "digits-never": "digits are received for no time, or with no end but the time",
    "stale-digits": "digits of an earlier menu are still there on the server, and end this one at once",
    "prompt-key-unknown": "what is spoken names a key that the branch does not know",
    "skipped-action": "an action that is skipped where the others of the flow run, or does nothing",
    "unknown-reference": "an action names a flow, queue or conference that is not the account's",
    "flow-loop": "flows fetch each other, or follow each other, in a circle",
    "not-answered": "digits or a recording before the call is answered",
    "nothing-after": "nothing follows when nobody answers",
    "no-hangup": "a call's flow ends without a hangup",
    "too-long": "the shortest way through has more actions than the service runs",
}
