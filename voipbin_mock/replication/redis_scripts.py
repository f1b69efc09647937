"""What Redis does in one go for the log: scripts in Lua, each whole or not at all.

The keys of a log, all of one slot of a cluster:

- `log`, a hash: `epoch` (which log it is: made anew whenever history may have been lost), `run` (of the server that
  the epoch was agreed upon), `before` and `base` (the epoch that this one goes on from, and up to which position),
  `facts` (JSON) and `founded`; `position` and `moment` of the newest entry, `kept`: the position of the kept state.
- `entries`, a stream: ids `POSITION-0`, fields `m` (moment), `t` (token), `p` (payload).
- `kept`, a hash: `position`, `moment`, `document` (zlib).
- `offers`, a hash: while it is settled what history holds after a restart of the server: who has which position.
- `leader`, a text with an expiry; `claim:KEY`, likewise; `replicas`, a hash: id -> when it expires, and JSON.

An answer is a list. Its first item is "ok", or why not: "unsettled" (the server was restarted, or lost the log),
"behind" (entries were cut), "far" (too many are missing for one answer), "late" (the time for it is over). The second
is the server's time in microseconds, as it is for whoever asks in time.
"""

from __future__ import annotations

from hashlib import sha1
from typing import NamedTuple


class Script(NamedTuple):
    text: str
    digest: str


def _script(*parts: str) -> Script:
    text = "".join(parts)
    return Script(text, digest(text))


def digest(text: str) -> str:
    """The name by which Redis knows a script."""
    return sha1(text.encode(), usedforsecurity=False).hexdigest()


# Numbers of Redis are doubles: whole up to 2^53, but not written so.
_TOOLS = """
local function text(number) return string.format('%.0f', number) end
local function now() local time = redis.call('TIME'); return time[1] * 1000000 + time[2] end
"""

# KEYS: log, entries, ...  ARGV: epoch, run, after, ...
_KNOWN = """
local log = redis.call('HMGET', KEYS[1], 'epoch', 'run', 'position', 'moment', 'kept')
local after = tonumber(ARGV[3])
if log[1] ~= ARGV[1] or log[2] ~= ARGV[2] or tonumber(log[3]) < after then return {'unsettled'} end
local last, kept = tonumber(log[3]), tonumber(log[5])
local function missing(most)
    if last == after then return {} end
    local found = redis.call('XRANGE', KEYS[2], text(after + 1), '+', 'COUNT', most)
    if found[1] and found[1][1] == text(after + 1) .. '-0' then return found end
    if kept > after then return nil, {'behind'} end
    redis.call('HDEL', KEYS[1], 'epoch') -- evicted, or deleted by hand: as if all were lost
    return nil, {'unsettled'}
end
local function packed(entries, most) -- far less to parse than an answer of thousands of parts
    if not entries[1] then return {} end
    local moments, sizes, payloads = {}, {}, {}
    for i = 1, most or #entries do
        local fields = entries[i][2]
        moments[i], sizes[i], payloads[i] = fields[2], #fields[6], fields[6]
    end
    return {table.concat(moments, ' '), table.concat(sizes, ' '), table.concat(payloads)}
end
"""

# ARGV: ..., most, token, deadline (0: none), payload. The token tells an entry that was written already: its answer
# was lost, and it is asked for once more.
APPEND = _script(
    _TOOLS,
    _KNOWN,
    """
if last - after > tonumber(ARGV[4]) then return {'far'} end
local others, why = missing(ARGV[4])
if why then return why end
for i, entry in ipairs(others) do
    if entry[2][4] == ARGV[5] then return {'ok', text(now()), packed(others, i)} end
end
local time, deadline, moment = now(), tonumber(ARGV[6]), tonumber(log[4])
if deadline > 0 and time > deadline then return {'late', text(time)} end
if time > moment then moment = time end
local position = text(last + 1)
redis.call('XADD', KEYS[2], position .. '-0', 'm', text(moment), 't', ARGV[5], 'p', ARGV[7])
redis.call('HSET', KEYS[1], 'position', position, 'moment', text(moment))
return {'ok', text(time), packed(others), position, text(moment)}
""",
)

# ARGV: ..., most.
READ = _script(
    _TOOLS,
    _KNOWN,
    """
local found, why = missing(ARGV[4])
if why then return why end
return {'ok', text(now()), packed(found), log[3]}
""",
)

# KEYS: ..., kept.  ARGV: ..., moment, document; `after` is the position that is kept. Entries have no gaps: those that
# are left can be counted, so a server that cannot cut by id is good enough.
KEEP = _script(
    _TOOLS,
    _KNOWN,
    """
if after <= kept then return {'ok', text(now()), 0} end
redis.call('HSET', KEYS[3], 'position', ARGV[3], 'moment', ARGV[4], 'document', ARGV[5])
redis.call('HSET', KEYS[1], 'kept', ARGV[3])
redis.call('XTRIM', KEYS[2], 'MAXLEN', text(last - after))
return {'ok', text(now()), 1}
""",
)

# KEYS: log, kept.
KEPT = _script(
    """
local kept = redis.call('HMGET', KEYS[2], 'position', 'moment', 'document')
local position = redis.call('HGET', KEYS[1], 'kept')
if not position or position == '-1' then return {'ok'} end
if kept[1] == position then return {'ok', kept[1], kept[2], kept[3]} end
redis.call('HDEL', KEYS[1], 'epoch') -- evicted, or deleted by hand: as if all were lost
return {'unsettled'}
"""
)

# KEYS: log, offers, ...  ARGV: epoch ("": none yet), run, position (-1: no history), id, the others that this one knows
# of, grace, hurry, life of an offer (all in microseconds), an epoch for a new log, ...
# After the server was restarted, or lost everything, nobody writes until those who are there have said how far they
# are: for the grace, counted from the first who says so; in a hurry, if all have of whom any knows. Then `furthest` is
# the furthest, of these the one with the smallest id.
_OFFERS = """
local log = redis.call('HMGET', KEYS[1], 'epoch', 'run', 'position', 'before', 'base')
local mine, run, position, id = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local time, last = now(), log[1] and tonumber(log[3]) or -1
local function ok(epoch) return {'ok', text(time), epoch} end
local function settled()
    if mine == '' or (mine == log[1] and position <= last) then return ok(log[1]) end
    if mine == log[4] and position <= tonumber(log[5]) then return ok(log[1]) end
    return {'lost', text(time), log[1]}
end
if log[1] and log[2] == run then return settled() end
local since = redis.call('HGET', KEYS[2], 'since ' .. run)
if not since then
    redis.call('DEL', KEYS[2])
    since = text(time)
    redis.call('HSET', KEYS[2], 'since ' .. run, since)
end
redis.call('HSET', KEYS[2], 'of ' .. id, text(time) .. ' ' .. ARGV[3] .. ' ' .. ARGV[5])
local furthest, whose, there, known = -1, id, {}, {}
local offers = redis.call('HGETALL', KEYS[2])
for i = 1, #offers, 2 do
    local at, offered, knows = string.match(offers[i + 1], '^(%d+) (-?%d+) (.*)$')
    if string.sub(offers[i], 1, 3) == 'of ' and time - tonumber(at) <= tonumber(ARGV[8]) then
        local other = string.sub(offers[i], 4)
        there[other], offered = true, tonumber(offered)
        for one in string.gmatch(knows, '%S+') do table.insert(known, one) end
        if offered > furthest or (offered == furthest and other < whose) then furthest, whose = offered, other end
    end
end
local grace = tonumber(ARGV[6])
local complete = known[1] ~= nil
for _, one in ipairs(known) do complete = complete and there[one] end
if complete then grace = math.min(grace, tonumber(ARGV[7])) end
if time - tonumber(since) < grace then return {'wait', text(time)} end
"""

# ARGV: ..., facts ("": of who does not found). "lost": the log goes on without what this one has, unless it founds it
# anew; "wait": ask again.
SETTLE = _script(
    _TOOLS,
    _OFFERS,
    """
if log[1] and furthest <= last then
    redis.call('HSET', KEYS[1], 'epoch', ARGV[9], 'run', run, 'before', log[1], 'base', text(last))
    redis.call('DEL', KEYS[2])
    log[4], log[5], log[1] = log[1], text(last), ARGV[9]
    return settled()
end
if furthest < 0 and ARGV[10] ~= '' then
    redis.call('DEL', KEYS[2])
    redis.call('HSET', KEYS[1], 'epoch', ARGV[9], 'run', run, 'before', '', 'base', '0', 'facts', ARGV[10],
        'founded', text(time), 'position', '0', 'moment', text(time), 'kept', '-1')
    return ok(ARGV[9])
end
if position > last and position >= 0 then return {'lost', text(time)} end
return {'wait', text(time)}
""",
)

# KEYS: ..., entries, kept.  ARGV: ..., facts, moment, document ("": not yet, only ask). "yours": with the document now.
REFOUND = _script(
    _TOOLS,
    _OFFERS,
    """
if log[1] and furthest <= last then return {'settle', text(time)} end
if whose ~= id then return {'wait', text(time)} end
if ARGV[12] == '' then return {'yours', text(time)} end
redis.call('DEL', KEYS[2], KEYS[3], KEYS[4])
redis.call('HSET', KEYS[4], 'position', ARGV[3], 'moment', ARGV[11], 'document', ARGV[12])
redis.call('HSET', KEYS[1], 'epoch', ARGV[9], 'run', run, 'before', mine, 'base', ARGV[3], 'facts', ARGV[10],
    'position', ARGV[3], 'moment', ARGV[11], 'kept', ARGV[3])
redis.call('HSETNX', KEYS[1], 'founded', text(time))
return {'founded', text(time), ARGV[9]}
""",
)

# KEYS: log, leader.  ARGV: epoch, run, id, milliseconds. Who does not know what the log is does not lead.
LEAD = _script(
    _TOOLS,
    """
local leader = redis.call('GET', KEYS[2])
local log = redis.call('HMGET', KEYS[1], 'epoch', 'run', 'position')
if log[1] ~= ARGV[1] or log[2] ~= ARGV[2] then
    if leader == ARGV[3] then redis.call('DEL', KEYS[2]) end
    return {'unsettled'}
end
if not leader or leader == ARGV[3] then
    redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4])
    return {'ok', text(now()), 1, log[3]}
end
return {'ok', text(now()), 0, log[3]}
""",
)

# KEYS: the claim.  ARGV: token, seconds. The same token once more is the same claim, whose answer was lost.
CLAIM = _script(
    """
local whose = redis.call('GET', KEYS[1])
if whose then return whose == ARGV[1] and 1 or 0 end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1
"""
)

# KEYS: replicas.
_THERE = """
local told, time, there = redis.call('HGETALL', KEYS[1]), now(), {}
for i = 1, #told, 2 do
    local ends, facts = string.match(told[i + 1], '^(%d+) (.*)$')
    if tonumber(ends) < time then redis.call('HDEL', KEYS[1], told[i]) else table.insert(there, {told[i], facts}) end
end
return there
"""

REPLICAS = _script(_TOOLS, _THERE)

# ARGV: id, microseconds, facts.
TELL = _script(
    _TOOLS,
    "redis.call('HSET', KEYS[1], ARGV[1], text(now() + tonumber(ARGV[2])) .. ' ' .. ARGV[3])",
    _THERE,
)

# KEYS: leader, replicas, offers.  ARGV: id.
LEAVE = _script(
    """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[3], 'of ' .. ARGV[1])
"""
)
