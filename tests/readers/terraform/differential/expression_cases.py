"""Expressions modelled on real configurations; what Terraform makes of them is kept in `answers.json`."""

from pathlib import Path

PREAMBLE = (Path(__file__).parent / "preamble.tf").read_text(encoding="utf-8")

ARITHMETIC = r"""
1 + 2 * 3
(1 + 2) * 3
10 - 5 - 2
7 / 2
10 / 4
7 % 3
-7 % 3
7.5 % 2
5 % 0
0.1 + 0.2
0.1 + 0.2 == 0.3
0.1 * 3 == 0.3
ceil(0.1 * 30)
floor((0.1 + 0.7) * 10)
1.1 * 1.1 == 1.21
10 / 3 * 3 == 10
1 / 3 + 1 / 3 + 1 / 3 == 1
7.1 - 5.1 == 2
2.5 * 4
1e3 + 1
1.5e-3 * 1000
-local.n
- -3
5 - -3
60 * 15
10 * 60 # ten minutes
local.n * 2 + local.cfg.timeout
local.derived
local.request_timeout
local.deregistration + local.grace_period
var.timeout * 1000
var.timeout / 60
"5" + 1
"0.5" * 2
"1e3" * 1
".5" * 2
"+5" * 1
"5." * 1
"${local.n}" + 5
ceil(local.n * 1.5)
ceil(10 / 4) + floor(10 / 4)
floor(-1.2)
ceil(-1.2)
abs(-3.5)
abs("-4")
min(3, 1, 2)
max(3, 1, 2)
min(local.numbers...)
max([for o in local.objs : o.t]...)
min("3", 10)
pow(2, 10)
pow(2, -2)
pow(1.5, 2)
pow(10, 3)
pow(0, 0)
signum(-4)
signum(0)
sum(local.numbers)
sum(["1", 2, 0.5])
sum([])
parseint("ff", 16)
parseint("-10", 2)
parseint("0x1f", 16)
parseint("12", 10)
parseint(12, 10)
parseint("z", 36)
1 + true
1 + null
1 + "x"
-"5"
-true
!"true"
!1
100000000000000000000 + 1
123456789.123456789 * 10
0.1
1 / 3 > 0.3333
"""

LOGIC = r"""
true && false || true
!true
!false && true
"true" && true
"1" && true
1 && true
5 == 5
"5" == 5
5 == 5.0
null == null
"" == null
local.none == null
[] == []
[1, 2] == [1, 2]
[1] == tolist([1])
tolist([1]) == tolist([1])
tolist(["1"]) == tolist([1])
toset([2, 1]) == toset([1, 2])
{ a = 1 } == { a = 1 }
{ a = 1, b = 2 } == { b = 2, a = 1 }
{ a = 1 } == tomap({ a = 1 })
local.typed_map == tomap({ b = 2, a = 1 })
local.typed_list == ["x", "y"]
{ a = null } == { a = null }
1 != 2
"a" != "b"
3 > 2 && 2 >= 2 && 1 < 2 && 1 <= 1
"10" > 9
"a" > "b"
null > 1
var.env == "production" ? 60 : 120
var.env != "production" && local.n > 10
contains(["prod", "production"], var.env) ? 300 : 30
true ? 1 : "a"
true ? "a" : 1
false ? 1 : "a"
true ? true : "x"
true ? 1 : true
true ? null : 5
true ? 5 : null
false ? null : "x"
true ? [1] : ["a", "b"]
true ? [1, 2] : ["a", "b"]
true ? [] : ["a"]
false ? [] : [1, "a"]
true ? [1, "a"] : []
true ? { a = 1 } : {}
true ? { a = 1, b = "x" } : {}
true ? { a = 1, b = "x" } : { a = "2", b = "y" }
true ? { a = 1 } : { a = [1] }
true ? [{ a = 1 }, { a = 1, b = "2" }] : []
true ? [{ a = 1 }] : []
true ? { a = { x = 1 } } : { a = { x = "1" } }
true ? [1] : { a = 1 }
true ? tolist([1]) : ["a"]
true ? tomap({ a = 1 }) : { b = "x" }
true ? local.typed_set : ["z"]
true ? toset([1, 2]) : toset(["z"])
true ? { a = null, b = 1 } : { a = "x", b = null }
"true" ? 1 : 2
"yes" ? 1 : 2
1 ? 1 : 2
null ? 1 : 2
local.n > 10 ? local.n > 20 ? "high" : "mid" : "low"
var.idle_timeout_seconds == null ? 60 : var.idle_timeout_seconds
var.idle_timeout_seconds == null ? {} : { "proxy-read-timeout" = tostring(var.idle_timeout_seconds) }
length(local.cfg.list) > 0 ? local.cfg.list[0] : null
!contains(["x"], "y") ? 30 : 60
try(local.cfg.missing, null) != null ? 1 : 0
can(local.cfg.nested.deep.value) && local.cfg.nested.deep.value == "x"
"""

TEXTS = r"""
"a${local.n}b${"c"}"
"${local.n * 2}s"
"PT${local.n}S"
"${local.n}"
"${true}"
"${null}"
"a${null}"
"${[1, 2]}"
"a${[1]}"
"a${local.ratio}b${true}"
"esc \" \\ \n \t \r $${x} %%{y} $ % $5 %d {}"
"\u00e9\U0001F600"
"a$b%c"
"$${local.n}-${local.n}"
"${"nested ${"deep ${local.n}"}"}"
"%{ if local.n > 10 }big%{ else }small%{ endif }"
"%{ if local.n > 100 }big%{ endif }"
"a%{ for x in [1, 2] }<${x}>%{ endfor }z"
"%{ for i, x in ["a", "b"] }${i}=${x},%{ endfor }"
"%{ for k, v in local.byenv }${k}:${v};%{ endfor }"
"x ${~ local.n ~} y"
"a  %{~ if true ~}  b  %{~ endif ~}  c"
"a  ${~ local.n }  b"
"a  ${ local.n ~}  $5  b"
"${"a"}${"b"}"
lower("AbC-É")
upper("abc-é")
title("hello wORLD foo_bar a-b 3d")
trimspace("  \n a \t ")
trim("xxaxxbxx", "x")
trim("abcba", "ab")
trimprefix("helloworld", "hello")
trimprefix("helloworld", "world")
trimsuffix("30s", "s")
chomp("a\n\n")
chomp("a\r\n")
strrev("héllo")
substr("hello", 1, 3)
substr("hello", -3, -1)
substr("hello", -3, 2)
substr("hello", 1, 0)
substr("hello", 9, 2)
substr("hello", -9, 2)
substr("hello", 2, 100)
substr("hello", 0.5, 1)
startswith("hello", "he")
endswith("hello", "lo")
strcontains("hello", "ell")
startswith("", "")
split(",", "a,b,,c")
split(",", "")
split("", "abc")
split("ab", "xabyab")
join("-", ["a", "b"])
join(",", [1, 2, true])
join(",", [])
join("-", ["a"], ["b", "c"])
join(",", ["a", null])
join("-", local.typed_set)
join(", ", [for s in local.words : upper(s)])
replace("30s", "s", "")
replace("a.b.c", ".", "-")
replace("abc", "", "-")
replace("hello", "l", "L")
replace(local.url, "/^https?:\\/\\/([^\\/]*).*/", "$1")
replace("hello world", "/o\\b/", "0")
replace("a1b22c333", "/[0-9]+/", "#")
replace("2024-01-31", "/(\\d+)-(\\d+)-(\\d+)/", "$3.$2.$1")
replace("foobar", "/(?P<first>foo)(?P<second>bar)/", "$${second}-$first")
replace("aaa", "/a*/", "x")
replace("abc", "/x*/", "-")
replace("abc", "/(b)/", "[$1x]")
replace("abc", "/(b)/", "[$${1}x]")
replace("cost: $5", "/\\$/", "EUR")
replace("a/b/c", "/", "-")
replace("a/b/c", "//", "-")
replace("tab\tnew\nline", "/\\s+/", " ")
replace("MixedCase", "/(?i)mixed/", "x")
replace("a.b", "/\\./", "$$")
replace("abc", "/(?=b)/", "x")
replace(replace(local.url, "https://", ""), "/", "")
lower(replace(local.name, "_", "-"))
regex("[a-z]+", "123abc456def")
regex("(\\d+)([a-z]+)", "x30s")
regex("(?P<value>\\d+)(?P<unit>[smh]?)", "15m")
regex("^(?:(?P<scheme>[^:/?#]+):)?(?://(?P<authority>[^/?#]*))?", local.url)
regex("a|ab", "ab")
regex("x(y)?", "xz")
regex("z", "abc")
regexall("[0-9]+", "a1b22c333")
regexall("(\\w)=(\\w)", "a=1,b=2")
regexall("x", "abc")
regexall("a*?", "aa")
length(regexall("^prod", var.env)) > 0
can(regex("^[a-z-]+$", local.name))
regex("[[:alpha:]]+", "12ab3")
regex("^a{2,3}$", "aaa")
regex("[^\\s]+", "  word  ")
format("%s-%d-%v-%t", "a", 5, 2.5, true)
format("%05d|%-5s|%5s|%.2f|%%", 42, "ab", "cd", 1.5)
format("%+d % d %x %X %o %b", 5, 5, 255, 255, 8, 5)
format("%v %v %v", [1, "a"], { a = 1 }, "x")
format("%q", "a\"b")
format("%[2]s-%[1]s", "a", "b")
format("%s", 1000000)
format("%v", 1000000)
format("%v", 123456)
format("%v", 0.00001)
format("%#v", "x")
format("%.3s|%10.2f|%-8.1f|", "abcdef", 3.14159, 2)
format("%f", 2.5)
format("%.0f", 2.5)
format("%.0f", 3.5)
format("%d", 1.5)
format("%d", "12")
format("%s", null)
format("%s")
format("x", 1)
format("%03d.%s", 7, local.name)
format("%s-%s", var.env, local.cfg.nested.deep.value)
formatlist("%s-%s", ["a", "b"], "z")
formatlist("%s=%d", ["x", "y"], [1, 2])
formatlist("%s", [])
formatlist("%s/%s", ["a"], ["b", "c"])
formatlist("svc-%s", local.typed_set)
indent(2, "a\nb\nc")
length("hello")
length("héllo")
base64encode("hi there")
base64decode("aGk=")
base64decode("!!")
md5("abc")
sha256("abc")
base64sha256("abc")
urlencode("a b&c=/d~e")
basename("a/b/c.txt")
dirname("a/b/c.txt")
basename("a/b/")
dirname("a")
tostring(local.ratio)
"line1\nline2"
"${local.name}-${var.env}.${local.cfg.nested.deep.value}"
"""

COLLECTIONS = r"""
local.cfg.timeout
local.cfg["timeout"]
local.cfg.list[1]
local.cfg.list.0
local.cfg[local.key]
local.cfg.nested.deep.value
local.objs[0].name
local.objs[length(local.objs) - 1].t
local.objs[*].t
local.objs.*.t
local.objs.*.t[0]
local.objs[*].t[0]
local.users[*].roles
local.users[*].roles[*]
local.users[*].roles[0]
local.users.*.roles[0]
local.cfg[*].timeout
local.none[*]
local.cfg.list[*]
(local.objs[*].name)[1]
local.objs[3]
local.objs["0"].name
local.objs[0.5]
local.objs[-1]
local.cfg.missing
local.byenv["nope"]
local.typed_set[0]
[1, "a", null][1]
{ a = { b = { c = 5 } } }.a.b.c
{ "a-b" = 1, (local.key) = 2, c : 3 }
{ (true) = 1, 5 = 2, null = 3 }
{ "${local.key}-x" = 1 }
{ a = 1, a = 2 }
[for v in [1, 2, 3] : v * 2]
[for i, v in ["a", "b"] : "${i}${v}"]
[for v in [1, 2, 3] : v if v > 1]
[for k, v in { b = 1, a = 2 } : k]
[for k, v in { b = 1, a = 2 } : { name = k, value = v }]
[for o in local.objs : o.t if try(o.on, true)]
[for v in local.typed_set : upper(v)]
[for k, v in local.typed_set : "${k}${v}"]
[for row in local.matrix : [for v in row : v + 1]]
[for v in "abc" : v]
[for v in null : v]
[for v in [1, null] : v if v != null]
{ for k, v in { a = 1, b = 2 } : upper(k) => v * 10 }
{ for v in ["a", "ab", "b"] : substr(v, 0, 1) => v... }
{ for v in ["a", "ab"] : substr(v, 0, 1) => v }
{ for o in local.objs : o.name => { t = o.t } }
{ for u in local.users : u.team => u.name... }
{ for i, v in ["x", "y"] : i => v }
{ for k, v in local.cfg : k => v if v != null && can(tonumber(v)) }
{ for k, v in var.services : k => v.timeout * 1000 }
{ for u in local.users : u.name => u.roles if length(u.roles) > 0 }
{ for pair in setproduct(["a", "b"], [1, 2]) : "${pair[0]}-${pair[1]}" => pair[1] }
flatten([for u in local.users : [for r in u.roles : { user = u.name, role = r }]])
{ for x in flatten([for u in local.users : [for r in u.roles : { k = "${u.name}-${r}" }]]) : x.k => 1 }
merge({ a = 1, b = 2 }, { b = 3 }, null)
merge()
merge({ a = 1 }, { a = "x" })
merge(local.typed_map, { c = "x" })
merge(local.typed_map, tomap({ c = 3 }))
merge([{ a = 1 }, { b = 2 }]...)
merge({ use = false }, var.settings.reuse)
merge({ use = false }, var.settings.limits)
merge(var.settings.limits, null)
merge({ a = 1 }, var.settings.names)
merge({ a = 1 }, var.settings.retries)
concat(["a"], var.settings.names)
try(concat(["a"], var.settings.names), [])
length(var.settings.limits)
var.settings.names[*]
var.settings.retries[*]
var.settings.reuse[*].use
coalesce(var.settings.names, ["x"])
coalesce(var.settings.retries, 3)
lookup(var.settings, "limits", {})
var.settings.reuse == null ? true : var.settings.reuse.use
try(var.settings.reuse.from.name, "none")
{ for k, v in var.settings : k => v if v != null }
[for k, v in var.settings : k]
true ? var.settings.names : ["x"]
true ? var.settings.names : [1]
tolist([var.settings.retries, "a"])
[var.settings.retries, "a"] == [null, "a"]
max(coalesce(var.settings.retries, 0), 1)
jsonencode(var.settings)
flatten([var.settings.names, ["a"]])
contains(["a"], var.env)
merge({ a = { x = 1 } }, { a = { y = 2 } })
merge(local.byenv, var.env == "production" ? { prod = 90 } : {})
merge("a")
concat([1], [2, 3], [])
concat(["a"], local.typed_list)
concat(local.typed_list, tolist([1]))
concat([1], "a")
concat([], local.objs[*].name)
flatten([[1, [2]], [3], []])
flatten([1, [null, [2]]])
flatten([local.typed_set, ["z"]])
flatten("a")
distinct(local.words)
distinct([1, "1", 2])
distinct([[1], [1], [2]])
compact(["a", "", null, "b"])
compact([1, "", 2])
sort(local.words)
sort([10, 9, 1])
sort(["B", "a", "_", "1"])
reverse([1, 2, 3])
reverse(local.typed_list)
reverse("abc")
slice([1, 2, 3, 4], 1, 3)
slice(local.words, 1, length(local.words))
slice([1, 2], 1, 5)
slice(["a"], 0, 0)
chunklist([1, 2, 3, 4, 5], 2)
chunklist(["a"], 0)
chunklist([], 2)
element(["a", "b", "c"], 4)
element(["a", "b", "c"], -1)
element([], 0)
element(local.typed_list, 1)
index(["a", "b"], "b")
index([1, 2], "1")
index(["a"], "z")
contains(["a", "b"], "a")
contains(["a", "b"], "c")
contains([1, 2], "1")
contains(tolist(["1"]), 1)
contains(keys(local.byenv), "prod")
contains(local.typed_set, "x")
contains([[1], [2]], [2])
contains({ a = 1 }, 1)
keys({ b = 1, a = 2 })
keys(local.typed_map)
values({ b = 1, a = "x" })
values(local.typed_map)
keys([1])
lookup({ a = 1 }, "a", 2)
lookup({ a = 1 }, "b", 2)
lookup({ a = 1 }, "b")
lookup(local.byenv, var.env, 30)
lookup(local.typed_map, "z", "5")
lookup(local.typed_map, "z", "x")
lookup(local.typed_map, "a", "5")
lookup(local.cfg, "timeout", null)
lookup(var.listeners, "https", {}).port
zipmap(["a", "b"], [1, "x"])
zipmap(["a", "b"], tolist([1, 2]))
zipmap(["a"], [])
matchkeys(["i-1", "i-2", "i-3"], ["us", "eu", "us"], ["us"])
matchkeys([1], ["a", "b"], ["a"])
transpose({ a = ["x", "y"], b = ["y"] })
range(3)
range(1, 4)
range(1, 8, 3)
range(4, 1)
range(1, 2, 0.5)
range(0)
range(-2)
range(1, 5, -1)
range(3, 0, -1)
one([5])
one([])
one([1, 2])
one(local.typed_set)
one(null)
coalesce(null, "", "x")
coalesce(null, 60)
coalesce(local.cfg.none, 60)
coalesce("", 5)
coalesce(1, "a")
coalesce(null, null)
coalesce([], [1])
coalesce(var.idle_timeout_seconds, local.byenv["prod"])
coalescelist([], [1])
coalescelist([], tolist([]), ["a"])
alltrue([true, true])
alltrue([])
alltrue(["true", true])
alltrue([true, null])
anytrue([false, true])
anytrue([])
length([1, 2])
length({ a = 1 })
length(local.typed_set)
length(null)
length(5)
setunion(["a"], ["b", "a"])
setunion(["b"], [1])
setintersection(["a", "b"], ["b", "c"])
setsubtract(["a", "b"], ["b"])
setproduct(["a", "b"], [1, 2])
setproduct(toset(["b", "a"]), ["x"])
setproduct(["a"], [])
toset(["b", "a", "b"])
toset([3, 20, 1])
toset([true, false])
toset([{ a = "z", b = 1 }, { a = "b", b = 100 }, { a = "b", b = 20 }])
toset([[2], [10], [1]])
toset([1, "a"])
tolist(toset(["b", "a"]))
tolist(["a", 1])
tolist([1, [2]])
tolist([{ a = 1 }, { a = "x" }])
tolist([null, 1, "x"])
tolist({ a = 1 })
tomap({ a = 1, b = "x" })
tomap({ a = 1, b = [1] })
tomap([1])
[for o in toset([{ n = "b" }, { n = "a" }]) : o.n]
max(length(local.words), 3)
sum([for o in local.objs : o.t])
sum(local.objs[*].t)
length([for u in local.users : u if contains(u.roles, "ops")])
{ for k, v in { for o in local.objs : o.name => o } : k => v.t }
element(values(local.byenv), 1)
sort(keys(var.services))[0]
values({ for k, v in var.services : k => v.port })
"""

CONVERSIONS = r"""
tostring(5)
tostring(1.50)
tostring(true)
tostring(null)
tostring("x")
tostring([1])
tonumber("5")
tonumber("1.50")
tonumber("0x10")
tonumber("abc")
tonumber("")
tonumber(" 5")
tonumber(true)
tonumber(null)
tonumber(replace(local.seconds, "s", ""))
tonumber(trimsuffix("90s", "s")) * 1000
tobool("true")
tobool("1")
tobool("TRUE")
tobool(1)
tobool(null)
can(tonumber("x"))
can(local.cfg.missing)
can(local.cfg.timeout)
can(local.objs[9])
try(local.cfg.missing, 7)
try(local.cfg.missing.deep[0], local.cfg.timeout)
try(local.cfg.none, 3)
try([][0], "none")
try(tonumber("x"), 0)
try(local.cfg.none.x, "null has no attributes")
try(local.objs[1].on ? 1 : 0, 5)
try(local.objs[2].on, false)
try(var.listeners.https.rules[1].path, "/")
try(var.listeners.http.rules, [])
jsonencode({ a = 1, b = [true, null, "x"], c = { d = 1.5 } })
jsonencode("a\"b\\c\n<>&é")
jsonencode(null)
jsonencode([])
jsonencode({})
jsonencode(toset(["b", "a"]))
jsonencode({ b = 1, a = 2 })
jsonencode([{ name = "TIMEOUT", value = tostring(local.n) }])
jsonencode(1e21)
jsondecode(local.json_text).a.b[1]
jsondecode(local.json_text)
jsondecode("[1, \"2\", {\"x\": null}]")
jsondecode("1.0")
jsondecode("{bad")
jsondecode("\"\\u00e9\\n\"")
jsondecode("NaN")
jsondecode(jsonencode({ t = 30 })).t
jsondecode(jsonencode(tolist(["a"]))) == ["a"]
try(jsondecode("x"), {})
yamldecode(local.yaml_text)
yamldecode(local.yaml_text).nested[1].value == null
yamldecode("a: 1\nb: [x, y]").b[0]
yamldecode("- 1\n- 1.5\n- 1e3\n- 0x1F\n- 0o17\n- +5\n- .5\n- 5.\n- 1_000\n- 12:30")
yamldecode("- yes\n- No\n- ON\n- 'yes'\n- n\n- ~\n-\n- null\n- Null\n- 'null'\n- nil")
yamldecode("a: &x {t: 1}\nb: *x\nc:\n  <<: *x\n  u: 2")
yamldecode("1: a\ntrue: b\n'on': c\noff: d")
yamldecode("a: |\n  x\n  y\nb: >\n  x\n  y\n")
yamldecode("!!str 5")
yamldecode("2024-01-31")
yamldecode("2024-13-45")
yamldecode("a: b: c")
yamldecode("a: 1\n---\nb: 2")
yamldecode("")
yamldecode("plain text")
yamldecode("{a: 1, b: [1, 2]}")
yamlencode({ a = 1, b = ["x", { c = null }], d = {}, e = [] })
yamlencode({ "key with space" = "quote\" and 'single'", multi = "a\nb\n", t = true, r = 1.5 })
yamlencode([])
yamlencode("x")
yamlencode(["é", "1", "true", ""])
yamlencode({ deep = { list = [[1, 2], [3]], map = { k = [{ a = 1, b = 2 }] } } })
yamldecode(yamlencode({ timeout = 30, list = ["a"] })).timeout
var.config
var.config.lambda_timeout * 6
var.config.health.interval
var.config.tags.cost
var.config.batch == null
var.services
var.services["api"].timeout
var.services.web.timeout + 1
var.services["worker"].port
var.services["api"].retry.backoff
var.services["web"].retry
try(var.services["web"].retry.attempts, 1)
var.hosts
tolist(var.hosts)[0]
[for h in var.hosts : h]
var.pair
var.pair[0] == "1"
var.subnets[length(var.subnets) - 1]
var.listeners.https.rules[*].priority
{ for k, v in var.listeners : k => v.port }
nonsensitive(sensitive(5))
tolist([for s in var.subnets : split("/", s)[1]])
tomap({ for k, v in var.services : k => v.timeout })
tonumber(format("%d", 30)) + 1
"${var.config.lambda_timeout}s"
format("%ss", var.config.lambda_timeout * 2)
"""

HEREDOCS = [
    "<<EOT\nhello\n  world\nEOT",
    "<<-EOT\n    hello\n      world\n    EOT",
    "<<-EOT\n    a\n\n  \n      b\n    EOT",
    "<<-EOT\n    ${local.n}\n      ${local.name} x\n    EOT",
    "<<-EOT\n      x ${local.n}\n    y\n      EOT",
    "<<-EOT\n    %{ for x in [1, 2] ~}\n      item ${x}\n    %{ endfor ~}\n    end\n    EOT",
    "<<EOT\n%{ for x in [1, 2] ~}\n  item ${x}\n%{ endfor ~}\nend\nEOT",
    "<<EOT\n%{ if local.n > 10 ~}\nbig\n%{ else ~}\nsmall\n%{ endif ~}\nEOT",
    "<<EOT\n%{ if local.n > 10 }big%{ else }small%{ endif }\nEOT",
    "<<EOT\na\n   ${~ local.n ~}\n   b\nEOT",
    'jsondecode(<<EOT\n[{ "name": "web", "timeout": ${local.n}, "i": "${local.name}" }]\nEOT\n)[0].timeout',
    '<<EOT\n{"a": "$${literal}", "b": "%%{x}", "c": "$5", "d": "100%"}\nEOT',
    "<<-EOT\n\ttab\n\t\ttwo\n\tEOT",
    "<<EOT\nEOT",
    "<<-EOT\n    only\nEOT",
    'yamldecode(<<-EOT\n    timeouts:\n      read: ${local.n * 2}\n      connect: "5"\n    EOT\n)',
    "trimspace(<<EOT\n  padded  \nEOT\n)",
    'join("\\n", split("\\n", <<-EOT\n    one\n    two\n    EOT\n))',
    '<<EOT\nback\\slash \\n stays "quoted"\nEOT',
    '"[${local.cfg.list[0]}, ${join(", ", local.numbers)}]"',
    "(\n  local.n\n  + 5\n)",
    "max(\n  1,\n  local.n, # the usual one\n  3,\n)",
    "{\n  a = 1 # one\n  b = 2, // two\n  /* three */\n  c = [\n    1,\n    2,\n  ]\n}",
    '(local.n > 10\n  ? "big"\n  : "small")',
    "[\n  for o in local.objs :\n  o.name\n  if o.t > 5\n]",
    "{\n  for o in local.objs :\n  o.name => merge(o, {\n    u = 1\n  })...\n}",
    '"${local.n > 10 ? "x" : "y"}-${\n  local.n\n}"',
    'core::upper("x")',
    "/* before */ 5",
    "(local.cfg\n  .timeout)",
]


def _lines(text: str) -> list[str]:
    return [line for line in text.strip("\n").split("\n") if line]


_GROUPS = (ARITHMETIC, LOGIC, TEXTS, COLLECTIONS, CONVERSIONS)

CASES: tuple[str, ...] = tuple(
    dict.fromkeys(
        [
            *(
                case
                for group in (ARITHMETIC, LOGIC, TEXTS, COLLECTIONS, CONVERSIONS)
                for case in _lines(group)
            ),
            *HEREDOCS,
        ]
    )
)
