# Watchfire collector for Windows 7 and later (PowerShell 2 and later). Reads, and writes one new folder; changes nothing
# else. Same files as collect.cmd. Every line is explained in README.md next to this file and in docs/windows-collector.md.
#
#   powershell -NoProfile -ExecutionPolicy Bypass -File collect.ps1 [-Folder FOLDER]
#
# Run it as administrator: without these rights much is missing, and the manifest says so.
param([string]$Folder = '')
$ErrorActionPreference = 'SilentlyContinue'

if ($env:PROCESSOR_ARCHITEW6432) {
  Write-Host 'This is a 32-bit PowerShell on a 64-bit Windows: start the other one.'
  exit 2
}
if ($Folder -eq '') { $Folder = Join-Path (Split-Path -Parent $MyInvocation.MyCommand.Path) ('watchfire-' + $env:COMPUTERNAME) }
if (Test-Path -LiteralPath $Folder) {
  Write-Host "The folder '$Folder' exists already. Name another one or remove it."
  exit 2
}
$Folder = (New-Item -ItemType Directory -Path $Folder -ErrorAction Stop).FullName
$Utf8 = New-Object System.Text.UTF8Encoding($false)
$Manifest = Join-Path $Folder 'manifest.txt'

function Note([string]$Line) { [IO.File]::AppendAllText($Manifest, $Line + "`r`n", $Utf8) }
function Now { [DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ', [Globalization.CultureInfo]::InvariantCulture) }
# Runs a tool through cmd, so that its output reaches the file byte for byte. The exit code of a missing tool is 9009.
function Run([string]$Command, [string]$File, [string]$How = '>') {
  $path = Join-Path $Folder $File
  & cmd.exe /d /c "$Command $How`"$path`" 2>nul <nul"
  return $LASTEXITCODE
}
function Tool([string]$File, [string]$Command) { $code = Run $Command $File; Note "file $code $File $Command" }
function Value([string]$Key, [string]$Name) {
  $code = Run "reg query `"$Key`" /v `"$Name`"" 'registry-values.txt' '>>'
  Note "value $code registry-values.txt $Key :: $Name"
}
function Tree([string]$File, [string]$Key) {
  $path = Join-Path $Folder $File
  & cmd.exe /d /c "reg export `"$Key`" `"$path`" /y >nul 2>nul"
  Note "tree $LASTEXITCODE $File $Key"
}
function Deep([string]$File, [string]$Key, [string]$Name) {
  $code = Run "reg query `"$Key`" /s /v `"$Name`"" $File
  Note "deep $code $File $Key :: $Name"
}
function Wmi([string]$File, [string]$Class, [string]$Properties, [string]$Where, [string]$Namespace) {
  $query = "select $Properties from $Class"
  if ($Where -ne '') { $query += " where $Where" }
  try {
    $rows = @(Get-WmiObject -Namespace $Namespace -Query $query -ErrorAction Stop | Select-Object $Properties.Split(','))
    $text = ''
    if ($rows.Count -gt 0) { $text = ($rows | ConvertTo-Csv -NoTypeInformation) -join "`r`n" }
    [IO.File]::WriteAllText((Join-Path $Folder $File), $text + "`r`n", $Utf8)
    $code = 0
  } catch { $code = 1 }
  Note "file $code $File WMI $Class"
}
function Group([int]$Number, [string]$Name) {
  try {
    $sid = New-Object Security.Principal.SecurityIdentifier("S-1-5-32-$Number")
    $Name = $sid.Translate([Security.Principal.NTAccount]).Value.Split('\')[-1]
  } catch { }
  $code = Run "net localgroup `"$Name`"" "group-$Number.txt"
  Note "file $code group-$Number.txt net localgroup S-1-5-32-$Number"
}

Note 'watchfire-windows-bundle 1'
Note 'collector collect.ps1 1'
Note "started $(Now)"
Note "user $env:USERDOMAIN\$env:USERNAME"
$me = New-Object Security.Principal.WindowsPrincipal([Security.Principal.WindowsIdentity]::GetCurrent())
$elevated = 'no'
if ($me.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) { $elevated = 'yes' }
Note "elevated $elevated"
Note "codepage $([Globalization.CultureInfo]::CurrentCulture.TextInfo.OEMCodePage)"
Note "system $([Environment]::OSVersion.VersionString)"
Note "tool powershell $($PSVersionTable.PSVersion)"
if ($elevated -eq 'no') { Write-Host "Without administrator's rights parts will be missing." }
Write-Host "Collecting into '$Folder'; this takes some minutes."

# Which Windows this is.
Value 'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion' 'ProductName'
Value 'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion' 'CurrentVersion'
Value 'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion' 'CurrentBuild'
Value 'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion' 'CurrentBuildNumber'
Value 'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion' 'CurrentMajorVersionNumber'
Value 'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion' 'CurrentMinorVersionNumber'
Value 'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion' 'UBR'
Value 'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion' 'DisplayVersion'
Value 'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion' 'ReleaseId'
Value 'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion' 'CSDVersion'
Value 'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion' 'EditionID'
Value 'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion' 'InstallationType'
Value 'HKLM\SOFTWARE\Microsoft\Cryptography' 'MachineGuid'
Value 'HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters' 'Hostname'
Value 'HKLM\SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName' 'ComputerName'

# Log-in. Of Winlogon only these names: DefaultPassword stands in the same key.
Value 'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon' 'Shell'
Value 'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon' 'Userinit'
Value 'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon' 'AutoAdminLogon'
Value 'HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System' 'EnableLUA'
Value 'HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System' 'InactivityTimeoutSecs'
Value 'HKLM\SYSTEM\CurrentControlSet\Control\Lsa' 'RestrictAnonymous'
Value 'HKLM\SYSTEM\CurrentControlSet\Control\Lsa' 'LimitBlankPasswordUse'
Value 'HKLM\SYSTEM\CurrentControlSet\Control\Lsa' 'NoLMHash'
Value 'HKLM\SYSTEM\CurrentControlSet\Control\Lsa' 'LmCompatibilityLevel'
Value 'HKLM\SYSTEM\CurrentControlSet\Control\Lsa' 'RunAsPPL'
Value 'HKLM\SYSTEM\CurrentControlSet\Control\Lsa' 'LsaCfgFlags'
Value 'HKLM\SYSTEM\CurrentControlSet\Control\Lsa' 'Authentication Packages'
Value 'HKLM\SYSTEM\CurrentControlSet\Control\Lsa' 'Notification Packages'
Value 'HKLM\SYSTEM\CurrentControlSet\Control\Lsa' 'Security Packages'
Value 'HKLM\SOFTWARE\Policies\Microsoft\Windows\DeviceGuard' 'LsaCfgFlags'
Value 'HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\WDigest' 'UseLogonCredential'

# Remote desktop and remote management.
Value 'HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services' 'fDenyTSConnections'
Value 'HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services' 'UserAuthentication'
Value 'HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server' 'fDenyTSConnections'
Value 'HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp' 'UserAuthentication'
Value 'HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp' 'PortNumber'
Value 'HKLM\SOFTWARE\Policies\Microsoft\Windows\WinRM\Service' 'AllowAutoConfig'
Tree 'registry-winrm-listener.reg' 'HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WSMAN\Listener'

# Network: filter, shares, SMB, names.
Value 'HKLM\SOFTWARE\Policies\Microsoft\WindowsFirewall\DomainProfile' 'EnableFirewall'
Value 'HKLM\SOFTWARE\Policies\Microsoft\WindowsFirewall\DomainProfile' 'DefaultInboundAction'
Value 'HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\DomainProfile' 'EnableFirewall'
Value 'HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\DomainProfile' 'DefaultInboundAction'
Value 'HKLM\SOFTWARE\Policies\Microsoft\WindowsFirewall\StandardProfile' 'EnableFirewall'
Value 'HKLM\SOFTWARE\Policies\Microsoft\WindowsFirewall\StandardProfile' 'DefaultInboundAction'
Value 'HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\StandardProfile' 'EnableFirewall'
Value 'HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\StandardProfile' 'DefaultInboundAction'
Value 'HKLM\SOFTWARE\Policies\Microsoft\WindowsFirewall\PublicProfile' 'EnableFirewall'
Value 'HKLM\SOFTWARE\Policies\Microsoft\WindowsFirewall\PublicProfile' 'DefaultInboundAction'
Value 'HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\PublicProfile' 'EnableFirewall'
Value 'HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\PublicProfile' 'DefaultInboundAction'
Tree 'registry-shares.reg' 'HKLM\SYSTEM\CurrentControlSet\Services\LanmanServer\Shares'
Value 'HKLM\SYSTEM\CurrentControlSet\Services\LanmanServer\Parameters' 'SMB1'
Value 'HKLM\SYSTEM\CurrentControlSet\Services\LanmanServer\Parameters' 'RequireSecuritySignature'
Value 'HKLM\SYSTEM\CurrentControlSet\Services\LanmanServer\Parameters' 'NullSessionShares'
Value 'HKLM\SYSTEM\CurrentControlSet\Services\LanmanServer\Parameters' 'RestrictNullSessAccess'
Value 'HKLM\SOFTWARE\Policies\Microsoft\Windows NT\DNSClient' 'EnableMulticast'

# Protection: Defender, updates, System Restore, scripts.
Value 'HKLM\SOFTWARE\Microsoft\Windows Defender' 'DisableAntiSpyware'
Value 'HKLM\SOFTWARE\Microsoft\Windows Defender' 'DisableAntiVirus'
Value 'HKLM\SOFTWARE\Microsoft\Windows Defender\Real-Time Protection' 'DisableRealtimeMonitoring'
Value 'HKLM\SOFTWARE\Policies\Microsoft\Windows Defender' 'DisableAntiSpyware'
Value 'HKLM\SOFTWARE\Policies\Microsoft\Windows Defender\Real-Time Protection' 'DisableRealtimeMonitoring'
Tree 'registry-defender-exclusions.reg' 'HKLM\SOFTWARE\Microsoft\Windows Defender\Exclusions'
Tree 'registry-defender-exclusions-policy.reg' 'HKLM\SOFTWARE\Policies\Microsoft\Windows Defender\Exclusions'
Value 'HKLM\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU' 'NoAutoUpdate'
Value 'HKLM\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU' 'AUOptions'
Value 'HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update' 'AUOptions'
Value 'HKLM\SOFTWARE\Policies\Microsoft\Windows NT\SystemRestore' 'DisableSR'
Value 'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SystemRestore' 'DisableSR'
Value 'HKLM\SOFTWARE\Policies\Microsoft\Windows\PowerShell\ScriptBlockLogging' 'EnableScriptBlockLogging'

# USB storage and drives.
Value 'HKLM\SOFTWARE\Policies\Microsoft\Windows\RemovableStorageDevices' 'Deny_All'
Value 'HKLM\SOFTWARE\Policies\Microsoft\Windows\RemovableStorageDevices\{53f5630d-b6bf-11d0-94f2-00a0c91efb8b}' 'Deny_Read'
Value 'HKLM\SOFTWARE\Policies\Microsoft\Windows\RemovableStorageDevices\{53f5630d-b6bf-11d0-94f2-00a0c91efb8b}' 'Deny_Write'
Value 'HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\Explorer' 'NoDriveTypeAutoRun'
Deep 'registry-usbstor-FriendlyName.txt' 'HKLM\SYSTEM\CurrentControlSet\Enum\USBSTOR' 'FriendlyName'
Deep 'registry-usbstor-DeviceDesc.txt' 'HKLM\SYSTEM\CurrentControlSet\Enum\USBSTOR' 'DeviceDesc'

# Logs and time.
Value 'HKLM\SOFTWARE\Policies\Microsoft\Windows\EventLog\Application' 'MaxSize'
Value 'HKLM\SYSTEM\CurrentControlSet\Services\EventLog\Application' 'MaxSize'
Value 'HKLM\SOFTWARE\Policies\Microsoft\Windows\EventLog\Security' 'MaxSize'
Value 'HKLM\SYSTEM\CurrentControlSet\Services\EventLog\Security' 'MaxSize'
Value 'HKLM\SOFTWARE\Policies\Microsoft\Windows\EventLog\System' 'MaxSize'
Value 'HKLM\SYSTEM\CurrentControlSet\Services\EventLog\System' 'MaxSize'
Value 'HKLM\SYSTEM\CurrentControlSet\Services\W32Time\Parameters' 'Type'

# Who has a profile.
Deep 'registry-profiles.txt' 'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList' 'ProfileImagePath'

# What starts by itself.
Tree 'registry-run.reg' 'HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Run'
Tree 'registry-runonce.reg' 'HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\RunOnce'
Tree 'registry-runonceex.reg' 'HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\RunOnceEx'
Tree 'registry-policy-run.reg' 'HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\Explorer\Run'
Tree 'registry-run-x86.reg' 'HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Run'
Tree 'registry-runonce-x86.reg' 'HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\RunOnce'
Tree 'registry-policy-run-x86.reg' 'HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Policies\Explorer\Run'
Value 'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Windows' 'AppInit_DLLs'
Value 'HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows NT\CurrentVersion\Windows' 'AppInit_DLLs'
Deep 'registry-debuggers.txt' 'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Image File Execution Options' 'Debugger'
Deep 'registry-debuggers-x86.txt' 'HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows NT\CurrentVersion\Image File Execution Options' 'Debugger'

# Installed programs, services, patches. Of services four values each: their other keys may hold secrets.
Tree 'registry-uninstall.reg' 'HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall'
Tree 'registry-uninstall-x86.reg' 'HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall'
Deep 'registry-services-Type.txt' 'HKLM\SYSTEM\CurrentControlSet\Services' 'Type'
Deep 'registry-services-Start.txt' 'HKLM\SYSTEM\CurrentControlSet\Services' 'Start'
Deep 'registry-services-ImagePath.txt' 'HKLM\SYSTEM\CurrentControlSet\Services' 'ImagePath'
Deep 'registry-services-ObjectName.txt' 'HKLM\SYSTEM\CurrentControlSet\Services' 'ObjectName'
Deep 'registry-packages-CurrentState.txt' 'HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\Packages' 'CurrentState'
Deep 'registry-packages-InstallTimeHigh.txt' 'HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\Packages' 'InstallTimeHigh'
Deep 'registry-packages-InstallTimeLow.txt' 'HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\Packages' 'InstallTimeLow'

# Settings of the users who are logged in.
$users = @([Microsoft.Win32.Registry]::Users.GetSubKeyNames() | Where-Object { $_ -like 'S-1-5-21-*' -and $_ -notlike '*_Classes' })
foreach ($user in $users) {
  Tree "registry-user-$user-run.reg" "HKU\$user\Software\Microsoft\Windows\CurrentVersion\Run"
  Tree "registry-user-$user-runonce.reg" "HKU\$user\Software\Microsoft\Windows\CurrentVersion\RunOnce"
  Tree "registry-user-$user-policy-run.reg" "HKU\$user\Software\Microsoft\Windows\CurrentVersion\Policies\Explorer\Run"
  Tree "registry-user-$user-uninstall.reg" "HKU\$user\Software\Microsoft\Windows\CurrentVersion\Uninstall"
  foreach ($version in '14.0', '15.0', '16.0') {
    foreach ($program in 'Word', 'Excel', 'PowerPoint', 'Access') {
      Value "HKU\$user\Software\Policies\Microsoft\Office\$version\$program\Security" 'VBAWarnings'
      Value "HKU\$user\Software\Policies\Microsoft\Office\$version\$program\Security" 'blockcontentexecutionfrominternet'
      Value "HKU\$user\Software\Microsoft\Office\$version\$program\Security" 'VBAWarnings'
      Value "HKU\$user\Software\Microsoft\Office\$version\$program\Security" 'blockcontentexecutionfrominternet'
    }
  }
}

# Tables of WMI: no label, no language.
Wmi 'accounts.csv' 'Win32_UserAccount' 'Name,SID,Disabled,Lockout,PasswordRequired,PasswordExpires' 'LocalAccount=True' 'root\cimv2'
Wmi 'logins.csv' 'Win32_NetworkLoginProfile' 'Name,LastLogon' '' 'root\cimv2'
Wmi 'shadow-copies.csv' 'Win32_ShadowCopy' 'ID,InstallDate,VolumeName' '' 'root\cimv2'
Wmi 'features.csv' 'Win32_OptionalFeature' 'Name,InstallState' 'InstallState=1' 'root\cimv2'
Wmi 'drives.csv' 'Win32_LogicalDisk' 'DeviceID' 'DriveType=3' 'root\cimv2'
Wmi 'bitlocker.csv' 'Win32_EncryptableVolume' 'DriveLetter,ProtectionStatus,ConversionStatus' '' 'root\CIMV2\Security\MicrosoftVolumeEncryption'

# Members of three groups, found by their numbers because their names differ by language.
Group 544 'Administrators'
Group 551 'Backup Operators'
Group 578 'Hyper-V Administrators'

# Sockets, processes by name, rules, tasks, shadow copies, backups, clock.
Tool 'netstat.txt' 'netstat -ano'
Tool 'tasklist.csv' 'tasklist /svc /fo csv /nh'
Tool 'net-accounts.txt' 'net accounts'
Tool 'tasks.xml' 'schtasks /query /xml'
Tool 'shadow-copies.txt' 'vssadmin list shadows'
Tool 'backup-versions.txt' 'wbadmin get versions'
Tool 'time-status.txt' 'w32tm /query /status'
Tool 'system-info.txt' 'systeminfo /fo csv'
& cmd.exe /d /c "secedit /export /cfg `"$Folder\security-policy.inf`" /areas SECURITYPOLICY /log `"$Folder\secedit.log`" >nul 2>nul"
Note "file $LASTEXITCODE security-policy.inf secedit /export /areas SECURITYPOLICY"
& cmd.exe /d /c "auditpol /backup /file:`"$Folder\audit-policy.csv`" >nul 2>nul"
Note "file $LASTEXITCODE audit-policy.csv auditpol /backup"

# Logs: of each the oldest event, and the newest of four numbers.
foreach ($log in 'Application', 'Security', 'System') {
  $name = 'oldest-' + $log.ToLowerInvariant() + '.xml'
  Tool $name "wevtutil qe $log /c:1 /rd:false /f:xml /uni:true"
}
Tool 'events-security-1102.xml' 'wevtutil qe Security "/q:*[System[(EventID=1102)]]" /c:50 /rd:true /f:xml /uni:true'
Tool 'events-system-104.xml' 'wevtutil qe System "/q:*[System[(EventID=104)]]" /c:50 /rd:true /f:xml /uni:true'
Tool 'events-security-4720.xml' 'wevtutil qe Security "/q:*[System[(EventID=4720)]]" /c:50 /rd:true /f:xml /uni:true'
Tool 'events-system-7045.xml' 'wevtutil qe System "/q:*[System[(EventID=7045)]]" /c:100 /rd:true /f:xml /uni:true'

# Who may write into the folders of programs: icacls saves rights in a form without language.
function Acls([string]$File, [string]$Place) {
  & cmd.exe /d /c "icacls `"$Place\*`" /save `"$Folder\$File`" /c /q >nul 2>nul"
  Note "file $LASTEXITCODE $File icacls /save"
}
Acls 'folder-acls-programs.txt' $env:ProgramFiles
$x86 = [Environment]::GetEnvironmentVariable('ProgramFiles(x86)')
if ($x86) { Acls 'folder-acls-programs-x86.txt' $x86 }
Acls 'folder-acls-drive.txt' $env:SystemDrive

# Names of what lies in the Startup folders.
$startup = @("$env:ProgramData\Microsoft\Windows\Start Menu\Programs\Startup")
foreach ($home_ in [IO.Directory]::GetDirectories("$env:SystemDrive\Users")) { $startup += "$home_\AppData\Roaming\Microsoft\Windows\Start Menu\Programs\Startup" }
$found = @()
foreach ($place in $startup) { Get-ChildItem -LiteralPath $place -Force | Where-Object { -not $_.PSIsContainer } | ForEach-Object { $found += $_.FullName } }
[IO.File]::WriteAllText((Join-Path $Folder 'startup-folders.txt'), (($found -join "`r`n") + "`r`n"), $Utf8)
Note 'file 0 startup-folders.txt Startup folders'

# Programs on the fixed drives by name: what was never installed shows nowhere else.
foreach ($drive in [IO.DriveInfo]::GetDrives()) {
  if ($drive.DriveType -ne [IO.DriveType]::Fixed) { continue }
  [void](Run "dir /b /s /a-d `"$($drive.Name)*.exe`"" 'programs.txt' '>>')
}
Note 'file 0 programs.txt dir /b /s /a-d *.exe of fixed drives'

Note "ended $(Now)"
Write-Host "Done: '$Folder'. Carry the folder, or a zip of it, to: watchfire inspect --from"
