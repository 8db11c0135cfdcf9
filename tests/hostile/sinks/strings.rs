//! What an agent may write where a name or a message is expected.

/// With a `port` of ours, at which whatever is asked for is seen.
pub fn strings(port: u16) -> Vec<String> {
    let pwned = "document.title='PWNED';document.body.setAttribute('data-pwned',1)";
    let url = format!("http://127.0.0.1:{port}/stolen");
    let mut strings = vec![
        // Markup.
        format!("<script>{pwned}</script>"),
        format!("</script><script>{pwned}</script>"),
        format!("<img src=x onerror=\"{pwned}\">"),
        format!("<img src={url}>"),
        format!("<svg onload={pwned}>"),
        format!("\"><svg/onload={pwned}>"),
        format!("' onmouseover='{pwned}"),
        format!("\" autofocus onfocus=\"{pwned}"),
        format!("</title><script>{pwned}</script>"),
        format!("</textarea><script>{pwned}</script>"),
        format!("<iframe src=\"javascript:{pwned}\">"),
        format!("javascript:{pwned}"),
        format!("<a href=\"javascript:{pwned}\">x</a>"),
        format!("<meta http-equiv=refresh content=\"0;url={url}\">"),
        format!("<link rel=stylesheet href={url}>"),
        format!("<style>@import '{url}';</style>"),
        format!("<base href={url}>"),
        format!("<form action={url}><input type=submit>"),
        format!("<object data={url}>"),
        format!("<details open ontoggle={pwned}>"),
    ];
    strings.extend(
        [
            "<!--",
            "-->",
            "<![CDATA[",
            "]]>",
            "<?php phpinfo() ?>",
            "<!ENTITY x SYSTEM 'file:///etc/passwd'>",
            "&lt;b&gt;",
            "&#60;script&#62;",
            "{{7*7}}",
            "{% include 'x' %}",
            "${7*7}",
            "<%= 7*7 %>",
        ]
        .map(str::to_owned),
    );
    strings.extend(
        [
            // Mail, terminal, log, metrics.
            "x\r\nBcc: evil@example.org",
            "x\nSubject: PWNED\n\nbody",
            ".\r\nMAIL FROM:<evil@example.org>",
            "=?utf-8?b?UFdORUQ=?=",
            "\u{1b}[31mred\u{1b}[0m",
            "\u{1b}]0;PWNED\u{7}",
            "\u{1b}[2J\u{1b}[H",
            "\u{9b}31m",
            "\u{8}\u{8}\u{8}SUCCESS",
            "a\0b",
            "2026-01-01T00:00:00Z ERROR forged\n2026-01-01T00:00:00Z INFO forged",
            "\u{2028}forged",
            "\u{202e}gnp.exe",
            "\u{2066}x\u{2069}",
            "\"} 1\nbackupmon_health{status=\"ok\"} 1",
            "a\\\"b\\n",
            "\\",
            "a|b=1;;;",
        ]
        .map(str::to_owned),
    );
    strings.extend(
        [
            // Spreadsheets, shells, SQL, formats.
            "=HYPERLINK(\"http://evil\")",
            "+1+1",
            "-1+1",
            "@SUM(A1)",
            "\t=1+1",
            "'; DROP TABLE jobs; --",
            "$(id)",
            "`id`",
            "; rm -rf ~",
            "%s%s%n",
            "{}{}{0}",
            "null",
            "NaN",
            "\u{feff}",
            "😀\u{200d}é",
            "ＦＵＬＬ",
            "\u{300}\u{300}\u{300}",
        ]
        .map(str::to_owned),
    );
    strings.push("A".repeat(190));
    strings.push("W".repeat(100_000));
    strings
}

/// Whether a database may be called so, by the rules of the report.
pub fn is_name(text: &str) -> bool {
    backupmon::domain::DatabaseName::new(text).is_ok()
}
