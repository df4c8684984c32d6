//! What the docker CLI itself printed for these.

use serde_json::json;

use super::*;

fn run(text: &str) -> String {
    let data = json!({
        "Name": "web", "Pid": 42, "Ok": true, "None": null, "Env": ["A=b", "C=d"], "Empty": [],
        "Labels": {"b": "2", "a": "1"}, "Ports": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}]},
    });
    let data = Value::untyped(&data);
    match Template::parse(text).map(|template| template.execute(&data, Options::STRICT)) {
        Err(why) => why,
        Ok(Ok(text)) => text,
        Ok(Err(broken)) => format!("{}! {}", broken.written, broken.why),
    }
}

fn check(text: &str, expected: &str) {
    assert_eq!(run(text), expected, "{text}");
}

#[test]
fn fields_and_what_they_print() {
    check(
        "{{.Name}} {{.Pid}} {{.Ok}} {{.None}}",
        "web 42 true <no value>",
    );
    check(
        "{{.Env}} {{.Labels}} {{.Empty}}",
        "[A=b C=d] map[a:1 b:2] []",
    );
    check("{{(index .Ports \"80/tcp\" 0).HostPort}}", "8080");
    check(
        "{{json .Ports}}",
        "{\"80/tcp\":[{\"HostIp\":\"0.0.0.0\",\"HostPort\":\"8080\"}]}",
    );
}

#[test]
fn branches_and_loops() {
    check("{{if .Ok}}yes{{else}}no{{end}}", "yes");
    check(
        "{{if not .Ok}}a{{else if eq .Name \"db\" \"web\"}}b{{else}}c{{end}}",
        "b",
    );
    check("{{with .Name}}<{{.}}>{{end}}", "<web>");
    check("{{range .Env}}[{{.}}]{{end}}", "[A=b][C=d]");
    check(
        "{{range $k, $v := .Labels}}{{$k}}={{$v}} {{end}}",
        "a=1 b=2 ",
    );
    check(
        "{{range $i, $e := .Env}}{{if $i}}, {{end}}{{$e}}{{end}}",
        "A=b, C=d",
    );
    check("{{range .Empty}}x{{else}}none{{end}}", "none");
    check("{{range .Env}}{{.}}{{break}}{{end}}", "A=b");
    check("{{$n := 1}}{{range .Env}}{{$n = 2}}{{end}}{{$n}}", "2");
    check("{{range 3}}{{.}}{{end}}", "012");
    check(
        "{{define \"x\"}}<{{.}}>{{end}}{{template \"x\" .Name}}",
        "<web>",
    );
    check("{{block \"x\" .Name}}({{.}}){{end}}", "(web)");
    check("a {{- /* nothing */ -}} b {{- .Name -}} c", "abwebc");
}

#[test]
fn functions_in_pipelines() {
    check(
        "{{.Name | upper | printf \"%s-%d\" \"x\"}}",
        "x-%!d(string=WEB)",
    );
    check(
        "{{printf \"%-5s|%5.2f|%03d|%q|%x\" .Name 1.5 7 .Name 255}}",
        "web  | 1.50|007|\"web\"|ff",
    );
    check("{{join (split \"a,b\" \",\") \"-\"}}", "a-b");
    check(
        "{{len .Env}} {{index .Env 1}} {{slice .Name 1}}",
        "2 C=d eb",
    );
    check(
        "{{pad .Name 1 2}}| {{truncate .Name 2}} {{title \"a b\"}} {{lower \"ABC\"}}",
        " web  | we A B abc",
    );
    check(
        "{{and .Ok .Name}} {{or .None .Name}} {{ne 1 2}} {{lt 1 2}} {{ge 2 2}}",
        "web web true true true",
    );
    check("{{print 1 2 \"a\" 3}}{{println \"x\"}}", "1 2a3x\n");
    check(
        "{{html \"<a>\"}} {{js \"it's\"}} {{urlquery \"a b&\"}}",
        "&lt;a&gt; it\\'s a+b%26",
    );
}

#[test]
fn what_cannot_be_read() {
    check("{{.Name", "template: :1: unclosed action");
    check("{{.Name}", "template: :1: bad character U+007D '}'");
    check(
        "{{foo .Name}}",
        "template: :1: function \"foo\" not defined",
    );
    check("{{$x}}", "template: :1: undefined variable \"$x\"");
    check("{{if .Ok}}", "template: :1: unexpected EOF");
    check("{{end}}", "template: :1: unexpected {{end}}");
    check("{{}}", "template: :1: missing value for command");
    check("{{if}}{{end}}", "template: :1: missing value for if");
    check("{{(.Name}}", "template: :1: unclosed left paren");
    check("{{\"abc}}", "template: :1: unterminated quoted string");
    check("{{1.2.3}}", "template: :1: unexpected \".3\" in operand");
    check(
        "{{.Name | 1}}",
        "template: :1: non executable command in pipeline stage 2",
    );
    check("{{/* x }}", "template: :1: unclosed comment");
    check("{{break}}", "template: :1: {{break}} outside {{range}}");
}

#[test]
fn what_cannot_be_run() {
    check(
        "a{{.Foo}}",
        "a! template: :1:3: executing \"\" at <.Foo>: map has no entry for key \"Foo\"",
    );
    check(
        "{{.Ports.Foo.Bar}}",
        "! template: :1:8: executing \"\" at <.Ports.Foo.Bar>: map has no entry for key \"Foo\"",
    );
    check(
        "{{.Name.Foo}}",
        "! template: :1:7: executing \"\" at <.Name.Foo>: can't evaluate field Foo in type interface {}",
    );
    check(
        "{{upper .Pid}}",
        "! template: :1:8: executing \"\" at <.Pid>: wrong type for value; expected string; got json.Number",
    );
    check(
        "{{upper 1}}",
        "! template: :1:8: executing \"\" at <1>: expected string; found 1",
    );
    check(
        "{{upper}}",
        "! template: :1:2: executing \"\" at <upper>: wrong number of args for upper: want 1 got 0",
    );
    check(
        "{{index .Env 5}}",
        "! template: :1:2: executing \"\" at <index .Env 5>: error calling index: index out of range: 5",
    );
    check(
        "{{range .Name}}{{end}}",
        "! template: :1:8: executing \"\" at <.Name>: range can't iterate over web",
    );
    check(
        "{{template \"x\"}}",
        "! template: :1:11: executing \"\" at <{{template \"x\"}}>: template \"x\" not defined",
    );
    check(
        "{{lt .Env 1}}",
        "! template: :1:2: executing \"\" at <lt .Env 1>: error calling lt: invalid type for comparison",
    );
}

#[test]
fn no_end_is_an_end() {
    let endless = run("{{range 1000000000}}{{range 1000000}}{{end}}{{end}}");
    assert!(
        endless.ends_with("causeway: it goes on for too long"),
        "{endless}"
    );
    let deep = "(".repeat(5000);
    assert_eq!(
        run(&format!("{{{{{deep}")),
        "template: :1: max expression depth exceeded"
    );
}
