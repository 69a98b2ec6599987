// Tunnels and remote shells under whatever name: the build paths that Go programs carry, configurations, one-liners.

rule wf_tunnel_go_program
{
    meta:
        description = "a tunnel program, told by the module paths that its build left in it"
        severity = "high"
    strings:
        $frp = "github.com/fatedier/frp/"
        $nps = "ehang.io/nps/"
        $chisel = "github.com/jpillora/chisel/"
        $gost = "github.com/ginuerzh/gost"
        $gost3 = "github.com/go-gost/"
        $ngrok = "go.ngrok.com/"
        $ligolo = "github.com/nicocha30/ligolo-ng/"
        $ligolo0 = "github.com/sysdream/ligolo"
        $revsocks = "github.com/kost/revsocks"
        $suo5 = "github.com/zema1/suo5"
        $iox = "github.com/EddieIvan01/iox"
        $stowaway = "Stowaway/agent/"
        $rathole = "rathole::client"
        $bore = "bore_cli::client"
    condition:
        filesize > 256KB and (uint32be(0) == 0x7f454c46 or uint16be(0) == 0x4d5a) and any of them
}

rule wf_tunnel_earthworm
{
    meta:
        description = "a SOCKS tunnel of the EarthWorm family, told by its own help text"
        severity = "high"
    strings:
        $a = "lcx_listen"
        $b = "lcx_tran"
        $c = "lcx_slave"
        $d = "rcsocks"
        $e = "rssocks"
        $f = "ssocksd"
    condition:
        (uint32be(0) == 0x7f454c46 or uint16be(0) == 0x4d5a) and 5 of them
}

rule wf_tunnel_frp_configuration
{
    meta:
        description = "configuration of an frp client: a local port is given to a server outside"
        severity = "high"
    strings:
        $server = /^\s{0,8}(server_addr|serverAddr)\s{0,8}=/ ascii wide
        $server2 = /\n\s{0,8}(server_addr|serverAddr)\s{0,8}=/
        $port = /\n\s{0,8}(server_port|serverPort)\s{0,8}=/
        $local = /\n\s{0,8}(local_port|localPort|local_ip|localIP)\s{0,8}=/
    condition:
        filesize < 128KB and any of ($server, $server2) and $port and $local
}

rule wf_tunnel_nps_configuration
{
    meta:
        description = "configuration of an nps client: this host is given to a server outside"
        severity = "high"
    strings:
        $server = /\n?\s{0,8}server_addr\s{0,8}=/
        $key = /\n\s{0,8}vkey\s{0,8}=/
    condition:
        filesize < 128KB and all of them
}

rule wf_reverse_shell_shell
{
    meta:
        description = "a shell script connects a shell to a host outside"
        severity = "critical"
    strings:
        $tcp = /(ba)?sh\s{1,4}-i\s{0,4}[0-9]?>?&?\s{0,4}>?&?\s{0,4}\/dev\/(tcp|udp)\/[^\s\/]{1,80}\/[0-9]{1,5}/
        $exec = /exec\s{1,4}[0-9]{1,3}<>\s{0,4}\/dev\/(tcp|udp)\/[^\s\/]{1,80}\/[0-9]{1,5}/
        $nc = /\b(nc|ncat|netcat)\b[^\n]{0,80}\s-[a-z]{0,4}e\s{1,4}\/bin\/(ba|da|z)?sh/
        $fifo = /mkfifo\s{1,4}[^\s;|]{1,80}\s{0,4};[^\n]{0,120}\|\s{0,4}(\/bin\/)?(ba)?sh\s{1,4}-i[^\n]{0,80}\|\s{0,4}(nc|ncat|openssl|telnet)\b/
        $socat = /socat\b[^\n]{0,120}exec:['"]?(\/bin\/)?(ba)?sh[^\n]{0,80}(tcp|openssl)/ nocase
        $socat2 = /socat\b[^\n]{0,120}(tcp|openssl)(-connect)?:[^\n]{0,120}exec:['"]?(\/bin\/)?(ba)?sh/ nocase
    condition:
        filesize < 1MB and any of them
}

rule wf_reverse_shell_script
{
    meta:
        description = "a script connects a shell to a host outside"
        severity = "critical"
    strings:
        $py_socket = "socket.socket(" ascii
        $py_connect = ".connect((" ascii
        $py_dup = "os.dup2(" ascii
        $py_shell = /(pty\.spawn|subprocess\.(call|run|Popen)|os\.execv?p?)\s{0,2}\(\s{0,4}\[?\s{0,4}['"]\/?(bin\/)?(ba)?sh/ ascii
        $pl_socket = "use Socket" ascii
        $pl_open = /open\s{0,2}\(\s{0,2}STDIN\s{0,2},\s{0,2}["']>&/ ascii
        $pl_shell = /exec\s{0,2}\(?\s{0,2}\{?\s{0,2}["']\/bin\/(ba)?sh/ ascii
        $ph_open = "fsockopen(" ascii
        $ph_shell = /(proc_open|popen|shell_exec|exec)\s{0,2}\(\s{0,4}['"]\/?(bin\/)?(ba)?sh[^'"]{0,60}['"]/ ascii
    condition:
        filesize < 256KB and (all of ($py_*) or all of ($pl_*) or all of ($ph_*))
}

rule wf_tunnel_reverse_ssh
{
    meta:
        description = "a script opens this host to another one by a reverse forwarding of ssh"
        severity = "medium"
    strings:
        $auto = /\b(autossh|ssh)\s[^\n]{0,200}\s-[a-zA-Z]{0,6}R\s{0,4}(\[?[0-9a-zA-Z.:*]{1,60}\]?:)?[0-9]{2,5}:[^\s:]{1,80}:[0-9]{1,5}/
    condition:
        filesize < 256KB and $auto
}
