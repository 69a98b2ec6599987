// Pages that run what a visitor sends. Our own rules; every one has a sample that it must find and one that it must
// not find in crates/inspect/tests/it/yara.rs. `severity` is a word of the plan's own scale.

rule wf_webshell_php_runs_input
{
    meta:
        description = "a PHP page hands what a visitor sends to an interpreter or a shell"
        severity = "critical"
    strings:
        $open = /<\?(php|=)/ nocase
        $direct = /\b(eval|assert|system|passthru|shell_exec|exec|popen|proc_open|pcntl_exec)\s{0,4}\(\s{0,4}@?\s{0,4}\$_(POST|GET|REQUEST|COOKIE|SERVER|FILES)\s{0,4}\[/ nocase
        $decoded = /\b(eval|assert|system|passthru|shell_exec|exec|popen)\s{0,4}\(\s{0,4}@?(base64_decode|gzinflate|gzuncompress|str_rot13|hex2bin|strrev|urldecode|stripslashes|trim)\s{0,4}\(\s{0,4}@?\$_(POST|GET|REQUEST|COOKIE)/ nocase
        $input = /\b(eval|assert|system|passthru|shell_exec)\s{0,4}\(\s{0,4}@?file_get_contents\s{0,4}\(\s{0,4}['"]php:\/\/input/ nocase
    condition:
        filesize < 2MB and $open and any of ($direct, $decoded, $input)
}

rule wf_webshell_php_calls_input
{
    meta:
        description = "a PHP page calls a function whose name a visitor sends"
        severity = "critical"
    strings:
        $open = /<\?(php|=)/ nocase
        $call = /\$_(POST|GET|REQUEST|COOKIE)\s{0,4}\[[^\]]{1,40}\]\s{0,4}\(\s{0,4}@?\$_(POST|GET|REQUEST|COOKIE)/ nocase
        $callback = /\b(array_map|array_filter|call_user_func|call_user_func_array|register_shutdown_function|usort|create_function)\s{0,4}\([^;)]{0,60}\$_(POST|GET|REQUEST|COOKIE)\s{0,4}\[[^;]{0,80}\$_(POST|GET|REQUEST|COOKIE)/ nocase
        $replace = /preg_replace\s{0,4}\(\s{0,4}['"](.)[^'"]{0,60}\/[a-z]{0,4}e[a-z]{0,4}['"]\s{0,4},[^;]{0,60}\$_(POST|GET|REQUEST|COOKIE)/ nocase
    condition:
        filesize < 2MB and $open and any of ($call, $callback, $replace)
}

rule wf_webshell_php_hidden_code
{
    meta:
        description = "a PHP page runs code that is packed several times over"
        severity = "high"
    strings:
        $open = /<\?(php|=)/ nocase
        $chain = /\b(eval|assert)\s{0,4}\(\s{0,4}@?(gzinflate|gzuncompress|gzdecode|str_rot13|strrev)\s{0,4}\(\s{0,4}(str_rot13|base64_decode|strrev|gzinflate)\s{0,4}\(/ nocase
        $chars = /(chr\s{0,2}\(\s{0,2}[0-9]{2,3}\s{0,2}\)\s{0,2}\.\s{0,2}){12}/ nocase
    condition:
        filesize < 2MB and $open and ($chain or (#chars > 3))
}

rule wf_webshell_php_encrypted_channel
{
    meta:
        description = "a PHP page decrypts what a visitor sends and runs it"
        severity = "critical"
    strings:
        $open = /<\?(php|=)/ nocase
        $input = "php://input" nocase
        $decrypt = "openssl_decrypt" nocase
        $session = "session_start" nocase
        $run = /\b(eval|assert|call_user_func)\s{0,4}\(/ nocase
    condition:
        filesize < 64KB and all of them
}

rule wf_webshell_jsp_runs_input
{
    meta:
        description = "a JSP page runs a command that a visitor sends"
        severity = "critical"
    strings:
        $open = /<%|<jsp:/
        $run = /Runtime\s{0,4}\.\s{0,4}getRuntime\s{0,4}\(\s{0,4}\)\s{0,4}\.\s{0,4}exec\s{0,4}\(|new\s{1,4}(java\.lang\.)?ProcessBuilder\s{0,4}\(/
        $input = /request\s{0,4}\.\s{0,4}(getParameter|getHeader|getInputStream|getReader|getCookies)\s{0,4}\(/
    condition:
        filesize < 2MB and all of them
}

rule wf_webshell_jsp_loads_class
{
    meta:
        description = "a JSP page loads a class that a visitor sends"
        severity = "critical"
    strings:
        $open = /<%|<jsp:/
        $loader = /extends\s{1,4}ClassLoader|getDeclaredMethod\s{0,4}\(\s{0,4}"defineClass"/
        $define = "defineClass"
        $input = /request\s{0,4}\.\s{0,4}(getParameter|getHeader|getInputStream|getReader)\s{0,4}\(|getInputStream\s{0,4}\(\s{0,4}\)|getReader\s{0,4}\(\s{0,4}\)\s{0,4}\.\s{0,4}readLine/
    condition:
        filesize < 2MB and all of them
}

rule wf_webshell_asp_runs_input
{
    meta:
        description = "an ASP page runs what a visitor sends"
        severity = "critical"
    strings:
        $classic = /<%[^%]{0,200}\b(eval|execute|executeglobal)\s{0,4}\(?\s{0,4}request\s{0,4}[(.]/ nocase
        $jscript = /<%@\s{0,4}page[^%]{0,80}language\s{0,4}=\s{0,4}"?j(ava)?script/ nocase
        $item = /eval\s{0,4}\(\s{0,4}request\s{0,4}[.\[]/ nocase
    condition:
        filesize < 2MB and ($classic or ($jscript and $item))
}

rule wf_webshell_aspx_starts_process
{
    meta:
        description = "an ASP.NET page starts a program with what a visitor sends"
        severity = "critical"
    strings:
        $page = /<%@\s{0,4}(page|webhandler)/ nocase
        $start = /Process\s{0,4}\.\s{0,4}Start\s{0,4}\(|new\s{1,4}(System\.Diagnostics\.)?(Process|ProcessStartInfo)\s{0,4}\(/ nocase
        $shell = /cmd(\.exe)?\b|powershell/ nocase
        $input = /Request\s{0,4}(\[|\.(Form|QueryString|Params|Item|InputStream))/ nocase
    condition:
        filesize < 2MB and all of them
}

rule wf_webshell_tunnel_page
{
    meta:
        description = "a page that carries a tunnel over HTTP"
        severity = "critical"
    strings:
        $georg = "Georg says, 'All seems fine'"
        $command = /X-CMD|x-cmd/
        $status = /X-STATUS|x-status/
        $target = /X-TARGET|x-target/
    condition:
        filesize < 512KB and ($georg or all of ($command, $status, $target))
}
