// Programs and scripts that hide, wipe traces, take away the way back, or fetch and run what is not there yet.

rule wf_tamper_preload_library
{
    meta:
        description = "a library that stands before the system's own and hides files"
        severity = "critical"
    strings:
        $preload = "ld.so.preload"
        $list = /readdir(64)?\x00/
        $next = /dlsym\x00/
        $proc = "/proc/"
    condition:
        uint32be(0) == 0x7f454c46 and uint16(16) == 3 and filesize < 4MB and all of them
}

rule wf_tamper_pam_records
{
    meta:
        description = "a PAM module that writes passwords into a file"
        severity = "critical"
    strings:
        $auth = "pam_sm_authenticate"
        $item = /pam_get_(item|authtok)/
        $write = /fopen(64)?\x00/
        $format = /%s\s{0,3}[:|=]\s{0,3}%s/
        $place = /\/(tmp|var\/tmp|dev\/shm|usr\/share|var\/log|usr\/include)\/[.a-z0-9_\/-]{2,40}\x00/
    condition:
        uint32be(0) == 0x7f454c46 and filesize < 1MB and all of them
}

rule wf_tamper_wipes_traces
{
    meta:
        description = "a script wipes logs and the history of commands"
        severity = "high"
    strings:
        $history = /unset\s{1,4}HISTFILE|HISTFILE\s{0,2}=\s{0,2}\/dev\/null|history\s{1,4}-c/
        $log1 = /(rm\s{1,4}-[rf]{1,2}|shred\b[^\n]{0,20}|truncate\b[^\n]{0,20}|cat\s{1,4}\/dev\/null\s{0,4}>|echo\s{0,6}>)\s{0,4}\/var\/log\/(wtmp|btmp|lastlog|secure|auth\.log|messages|syslog|audit)/
        $log2 = />\s{0,4}\/var\/log\/(wtmp|btmp|lastlog|secure|auth\.log)/
    condition:
        filesize < 256KB and $history and any of ($log*)
}

rule wf_tamper_fetches_and_stays
{
    meta:
        description = "a script fetches a program, runs it, and sees to it that it comes back"
        severity = "high"
    strings:
        $fetch = /(curl|wget)\b[^\n|;&]{0,200}(\||;|&&)\s{0,4}(sudo\s{1,4})?(ba|da|z)?sh\b/
        $stay1 = /crontab\s{1,4}-|\/var\/spool\/cron|\/etc\/cron/
        $stay2 = /chattr\s{1,4}\+i/
        $stay3 = /authorized_keys/
        $kill = /(pkill|killall|kill\s{1,4}-9)\b/
    condition:
        filesize < 256KB and $fetch and 2 of ($stay*, $kill)
}

rule wf_tamper_no_way_back
{
    meta:
        description = "takes away shadow copies, backups or the recovery of Windows, as ransomware does first"
        severity = "critical"
    strings:
        $a = /vssadmin(\.exe)?\s{1,4}delete\s{1,4}shadows/ nocase ascii wide
        $b = /wmic(\.exe)?\s{1,4}shadowcopy\s{1,4}delete/ nocase ascii wide
        $c = /wbadmin(\.exe)?\s{1,4}delete\s{1,4}(catalog|systemstatebackup)/ nocase ascii wide
        $d = /bcdedit(\.exe)?\s{1,4}\/set\s{1,4}[^\n]{0,40}recoveryenabled\s{1,4}no/ nocase ascii wide
        $e = /Get-WmiObject\s{1,4}Win32_ShadowCopy[^\n]{0,60}(Delete|Remove-WmiObject)/ nocase ascii wide
        $f = /vssadmin(\.exe)?\s{1,4}resize\s{1,4}shadowstorage[^\n]{0,60}maxsize=401/ nocase ascii wide
    condition:
        2 of them
}

rule wf_tamper_mines_coins
{
    meta:
        description = "a program or configuration that mines coins"
        severity = "high"
    strings:
        $pool = /stratum\+(tcp|ssl|tls):\/\//
        $level = "donate-level"
        $algo = /randomx|cryptonight|rx\/0/
    condition:
        $pool and ($level or $algo)
}

rule wf_tamper_encoded_powershell
{
    meta:
        description = "a script decodes PowerShell code and runs it at once"
        severity = "high"
    strings:
        $decode = "FromBase64String" nocase ascii wide
        $run = /\b(IEX|Invoke-Expression)\b/ nocase ascii wide
        $hide = /-(w|windowstyle)\s{1,4}hidden|-e(nc|ncodedcommand)?\s{1,4}[A-Za-z0-9+\/=]{40}/ nocase ascii wide
        $load = /DownloadString|IO\.Compression|Reflection\.Assembly/ nocase ascii wide
    condition:
        filesize < 2MB and $decode and $run and ($hide or $load)
}
