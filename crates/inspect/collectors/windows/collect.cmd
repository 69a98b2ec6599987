@echo off
rem Watchfire collector for Windows 7 and later. Reads, and writes one new folder; changes nothing else.
rem Every line is explained in README.md next to this file and in docs/windows-collector.md.
rem
rem   collect.cmd [FOLDER]      FOLDER must not exist yet; default: watchfire-COMPUTERNAME next to this file
rem
rem Run it as administrator: without these rights much is missing, and the manifest says so.
setlocal EnableExtensions DisableDelayedExpansion

rem From a 32-bit shell on a 64-bit Windows the registry looks different: start again in the right one.
if defined PROCESSOR_ARCHITEW6432 (
  "%SystemRoot%\Sysnative\cmd.exe" /d /c call "%~f0" %*
  exit /b
)

set "OUT=%~1"
if "%OUT%"=="" set "OUT=%~dp0watchfire-%COMPUTERNAME%"
if exist "%OUT%\" (
  echo The folder "%OUT%" exists already. Name another one or remove it.
  exit /b 2
)
mkdir "%OUT%" 2>nul
if not exist "%OUT%\" (
  echo The folder "%OUT%" cannot be made.
  exit /b 2
)
set "M=%OUT%\manifest.txt"
set "PS=powershell -NoProfile -NonInteractive -Command"
set "CSV=csv"
for /f "delims=" %%x in ('dir /b /s "%SystemRoot%\System32\wbem\csv.xsl" 2^>nul') do set "CSV=%%x"

>"%M%" echo watchfire-windows-bundle 1
>>"%M%" echo collector collect.cmd 1
call :now started
>>"%M%" echo user %USERDOMAIN%\%USERNAME%
set "E=no"
fltmc >nul 2>nul && set "E=yes"
>>"%M%" echo elevated %E%
for /f "delims=" %%c in ('chcp') do >>"%M%" echo codepage %%c
for /f "delims=" %%v in ('ver') do >>"%M%" echo system %%v
if "%E%"=="no" echo Without administrator's rights parts will be missing.
echo Collecting into "%OUT%"; this takes some minutes.

rem Which Windows this is.
call :value "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion" "ProductName"
call :value "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion" "CurrentVersion"
call :value "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion" "CurrentBuild"
call :value "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion" "CurrentBuildNumber"
call :value "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion" "CurrentMajorVersionNumber"
call :value "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion" "CurrentMinorVersionNumber"
call :value "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion" "UBR"
call :value "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion" "DisplayVersion"
call :value "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion" "ReleaseId"
call :value "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion" "CSDVersion"
call :value "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion" "EditionID"
call :value "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion" "InstallationType"
call :value "HKLM\SOFTWARE\Microsoft\Cryptography" "MachineGuid"
call :value "HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters" "Hostname"
call :value "HKLM\SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName" "ComputerName"

rem Log-in. Of Winlogon only these names: DefaultPassword stands in the same key.
call :value "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon" "Shell"
call :value "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon" "Userinit"
call :value "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon" "AutoAdminLogon"
call :value "HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System" "EnableLUA"
call :value "HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System" "InactivityTimeoutSecs"
call :value "HKLM\SYSTEM\CurrentControlSet\Control\Lsa" "RestrictAnonymous"
call :value "HKLM\SYSTEM\CurrentControlSet\Control\Lsa" "LimitBlankPasswordUse"
call :value "HKLM\SYSTEM\CurrentControlSet\Control\Lsa" "NoLMHash"
call :value "HKLM\SYSTEM\CurrentControlSet\Control\Lsa" "LmCompatibilityLevel"
call :value "HKLM\SYSTEM\CurrentControlSet\Control\Lsa" "RunAsPPL"
call :value "HKLM\SYSTEM\CurrentControlSet\Control\Lsa" "LsaCfgFlags"
call :value "HKLM\SYSTEM\CurrentControlSet\Control\Lsa" "Authentication Packages"
call :value "HKLM\SYSTEM\CurrentControlSet\Control\Lsa" "Notification Packages"
call :value "HKLM\SYSTEM\CurrentControlSet\Control\Lsa" "Security Packages"
call :value "HKLM\SOFTWARE\Policies\Microsoft\Windows\DeviceGuard" "LsaCfgFlags"
call :value "HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\WDigest" "UseLogonCredential"

rem Remote desktop and remote management.
call :value "HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services" "fDenyTSConnections"
call :value "HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services" "UserAuthentication"
call :value "HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server" "fDenyTSConnections"
call :value "HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp" "UserAuthentication"
call :value "HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp" "PortNumber"
call :value "HKLM\SOFTWARE\Policies\Microsoft\Windows\WinRM\Service" "AllowAutoConfig"
call :tree registry-winrm-listener.reg "HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WSMAN\Listener"

rem Network: filter, shares, SMB, names.
call :value "HKLM\SOFTWARE\Policies\Microsoft\WindowsFirewall\DomainProfile" "EnableFirewall"
call :value "HKLM\SOFTWARE\Policies\Microsoft\WindowsFirewall\DomainProfile" "DefaultInboundAction"
call :value "HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\DomainProfile" "EnableFirewall"
call :value "HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\DomainProfile" "DefaultInboundAction"
call :value "HKLM\SOFTWARE\Policies\Microsoft\WindowsFirewall\StandardProfile" "EnableFirewall"
call :value "HKLM\SOFTWARE\Policies\Microsoft\WindowsFirewall\StandardProfile" "DefaultInboundAction"
call :value "HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\StandardProfile" "EnableFirewall"
call :value "HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\StandardProfile" "DefaultInboundAction"
call :value "HKLM\SOFTWARE\Policies\Microsoft\WindowsFirewall\PublicProfile" "EnableFirewall"
call :value "HKLM\SOFTWARE\Policies\Microsoft\WindowsFirewall\PublicProfile" "DefaultInboundAction"
call :value "HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\PublicProfile" "EnableFirewall"
call :value "HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\PublicProfile" "DefaultInboundAction"
call :tree registry-shares.reg "HKLM\SYSTEM\CurrentControlSet\Services\LanmanServer\Shares"
call :value "HKLM\SYSTEM\CurrentControlSet\Services\LanmanServer\Parameters" "SMB1"
call :value "HKLM\SYSTEM\CurrentControlSet\Services\LanmanServer\Parameters" "RequireSecuritySignature"
call :value "HKLM\SYSTEM\CurrentControlSet\Services\LanmanServer\Parameters" "NullSessionShares"
call :value "HKLM\SYSTEM\CurrentControlSet\Services\LanmanServer\Parameters" "RestrictNullSessAccess"
call :value "HKLM\SOFTWARE\Policies\Microsoft\Windows NT\DNSClient" "EnableMulticast"

rem Protection: Defender, updates, System Restore, scripts.
call :value "HKLM\SOFTWARE\Microsoft\Windows Defender" "DisableAntiSpyware"
call :value "HKLM\SOFTWARE\Microsoft\Windows Defender" "DisableAntiVirus"
call :value "HKLM\SOFTWARE\Microsoft\Windows Defender\Real-Time Protection" "DisableRealtimeMonitoring"
call :value "HKLM\SOFTWARE\Policies\Microsoft\Windows Defender" "DisableAntiSpyware"
call :value "HKLM\SOFTWARE\Policies\Microsoft\Windows Defender\Real-Time Protection" "DisableRealtimeMonitoring"
call :tree registry-defender-exclusions.reg "HKLM\SOFTWARE\Microsoft\Windows Defender\Exclusions"
call :tree registry-defender-exclusions-policy.reg "HKLM\SOFTWARE\Policies\Microsoft\Windows Defender\Exclusions"
call :value "HKLM\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU" "NoAutoUpdate"
call :value "HKLM\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU" "AUOptions"
call :value "HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update" "AUOptions"
call :value "HKLM\SOFTWARE\Policies\Microsoft\Windows NT\SystemRestore" "DisableSR"
call :value "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SystemRestore" "DisableSR"
call :value "HKLM\SOFTWARE\Policies\Microsoft\Windows\PowerShell\ScriptBlockLogging" "EnableScriptBlockLogging"

rem USB storage and drives.
call :value "HKLM\SOFTWARE\Policies\Microsoft\Windows\RemovableStorageDevices" "Deny_All"
call :value "HKLM\SOFTWARE\Policies\Microsoft\Windows\RemovableStorageDevices\{53f5630d-b6bf-11d0-94f2-00a0c91efb8b}" "Deny_Read"
call :value "HKLM\SOFTWARE\Policies\Microsoft\Windows\RemovableStorageDevices\{53f5630d-b6bf-11d0-94f2-00a0c91efb8b}" "Deny_Write"
call :value "HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\Explorer" "NoDriveTypeAutoRun"
call :deep registry-usbstor-FriendlyName.txt "HKLM\SYSTEM\CurrentControlSet\Enum\USBSTOR" "FriendlyName"
call :deep registry-usbstor-DeviceDesc.txt "HKLM\SYSTEM\CurrentControlSet\Enum\USBSTOR" "DeviceDesc"

rem Logs and time.
call :value "HKLM\SOFTWARE\Policies\Microsoft\Windows\EventLog\Application" "MaxSize"
call :value "HKLM\SYSTEM\CurrentControlSet\Services\EventLog\Application" "MaxSize"
call :value "HKLM\SOFTWARE\Policies\Microsoft\Windows\EventLog\Security" "MaxSize"
call :value "HKLM\SYSTEM\CurrentControlSet\Services\EventLog\Security" "MaxSize"
call :value "HKLM\SOFTWARE\Policies\Microsoft\Windows\EventLog\System" "MaxSize"
call :value "HKLM\SYSTEM\CurrentControlSet\Services\EventLog\System" "MaxSize"
call :value "HKLM\SYSTEM\CurrentControlSet\Services\W32Time\Parameters" "Type"

rem Who has a profile.
call :deep registry-profiles.txt "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList" "ProfileImagePath"

rem What starts by itself.
call :tree registry-run.reg "HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Run"
call :tree registry-runonce.reg "HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\RunOnce"
call :tree registry-runonceex.reg "HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\RunOnceEx"
call :tree registry-policy-run.reg "HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\Explorer\Run"
call :tree registry-run-x86.reg "HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Run"
call :tree registry-runonce-x86.reg "HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\RunOnce"
call :tree registry-policy-run-x86.reg "HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Policies\Explorer\Run"
call :value "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Windows" "AppInit_DLLs"
call :value "HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows NT\CurrentVersion\Windows" "AppInit_DLLs"
call :deep registry-debuggers.txt "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Image File Execution Options" "Debugger"
call :deep registry-debuggers-x86.txt "HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows NT\CurrentVersion\Image File Execution Options" "Debugger"

rem Installed programs, services, patches. Of services four values each: their other keys may hold secrets.
call :tree registry-uninstall.reg "HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall"
call :tree registry-uninstall-x86.reg "HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall"
call :deep registry-services-Type.txt "HKLM\SYSTEM\CurrentControlSet\Services" "Type"
call :deep registry-services-Start.txt "HKLM\SYSTEM\CurrentControlSet\Services" "Start"
call :deep registry-services-ImagePath.txt "HKLM\SYSTEM\CurrentControlSet\Services" "ImagePath"
call :deep registry-services-ObjectName.txt "HKLM\SYSTEM\CurrentControlSet\Services" "ObjectName"
call :deep registry-packages-CurrentState.txt "HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\Packages" "CurrentState"
call :deep registry-packages-InstallTimeHigh.txt "HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\Packages" "InstallTimeHigh"
call :deep registry-packages-InstallTimeLow.txt "HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\Packages" "InstallTimeLow"

rem Settings of the users who are logged in.
for /f "tokens=2 delims=\" %%u in ('reg query HKU 2^>nul ^| find "S-1-5-21-"') do call :user %%u

rem Tables of WMI: no label, no language. wmic where it exists, else PowerShell.
call :wmi accounts.csv Win32_UserAccount "Name,SID,Disabled,Lockout,PasswordRequired,PasswordExpires" "LocalAccount=True" root\cimv2
call :wmi logins.csv Win32_NetworkLoginProfile "Name,LastLogon" "" root\cimv2
call :wmi shadow-copies.csv Win32_ShadowCopy "ID,InstallDate,VolumeName" "" root\cimv2
call :wmi features.csv Win32_OptionalFeature "Name,InstallState" "InstallState=1" root\cimv2
call :wmi drives.csv Win32_LogicalDisk "DeviceID" "DriveType=3" root\cimv2
call :wmi bitlocker.csv Win32_EncryptableVolume "DriveLetter,ProtectionStatus,ConversionStatus" "" root\CIMV2\Security\MicrosoftVolumeEncryption

rem Members of three groups, found by their numbers because their names differ by language.
call :group 544 "Administrators"
call :group 551 "Backup Operators"
call :group 578 "Hyper-V Administrators"

rem Sockets, processes by name, rules, tasks, shadow copies, backups, clock.
netstat -ano >"%OUT%\netstat.txt" 2>nul <nul
call :took netstat.txt netstat -ano
tasklist /svc /fo csv /nh >"%OUT%\tasklist.csv" 2>nul <nul
call :took tasklist.csv tasklist /svc /fo csv /nh
net accounts >"%OUT%\net-accounts.txt" 2>nul <nul
call :took net-accounts.txt net accounts
schtasks /query /xml >"%OUT%\tasks.xml" 2>nul <nul
call :took tasks.xml schtasks /query /xml
vssadmin list shadows >"%OUT%\shadow-copies.txt" 2>nul <nul
call :took shadow-copies.txt vssadmin list shadows
wbadmin get versions >"%OUT%\backup-versions.txt" 2>nul <nul
call :took backup-versions.txt wbadmin get versions
w32tm /query /status >"%OUT%\time-status.txt" 2>nul <nul
call :took time-status.txt w32tm /query /status
systeminfo /fo csv >"%OUT%\system-info.txt" 2>nul <nul
call :took system-info.txt systeminfo /fo csv
secedit /export /cfg "%OUT%\security-policy.inf" /areas SECURITYPOLICY /log "%OUT%\secedit.log" >nul 2>nul
call :took security-policy.inf secedit /export /areas SECURITYPOLICY
auditpol /backup /file:"%OUT%\audit-policy.csv" >nul 2>nul
call :took audit-policy.csv auditpol /backup

rem Logs: of each the oldest event, and the newest of four numbers.
wevtutil qe Application /c:1 /rd:false /f:xml /uni:true >"%OUT%\oldest-application.xml" 2>nul
call :took oldest-application.xml wevtutil qe Application /c:1 /rd:false
wevtutil qe Security /c:1 /rd:false /f:xml /uni:true >"%OUT%\oldest-security.xml" 2>nul
call :took oldest-security.xml wevtutil qe Security /c:1 /rd:false
wevtutil qe System /c:1 /rd:false /f:xml /uni:true >"%OUT%\oldest-system.xml" 2>nul
call :took oldest-system.xml wevtutil qe System /c:1 /rd:false
wevtutil qe Security "/q:*[System[(EventID=1102)]]" /c:50 /rd:true /f:xml /uni:true >"%OUT%\events-security-1102.xml" 2>nul
call :took events-security-1102.xml wevtutil qe Security EventID=1102 /c:50
wevtutil qe System "/q:*[System[(EventID=104)]]" /c:50 /rd:true /f:xml /uni:true >"%OUT%\events-system-104.xml" 2>nul
call :took events-system-104.xml wevtutil qe System EventID=104 /c:50
wevtutil qe Security "/q:*[System[(EventID=4720)]]" /c:50 /rd:true /f:xml /uni:true >"%OUT%\events-security-4720.xml" 2>nul
call :took events-security-4720.xml wevtutil qe Security EventID=4720 /c:50
wevtutil qe System "/q:*[System[(EventID=7045)]]" /c:100 /rd:true /f:xml /uni:true >"%OUT%\events-system-7045.xml" 2>nul
call :took events-system-7045.xml wevtutil qe System EventID=7045 /c:100

rem Who may write into the folders of programs: icacls saves rights in a form without language.
icacls "%ProgramFiles%\*" /save "%OUT%\folder-acls-programs.txt" /c /q >nul 2>nul
call :took folder-acls-programs.txt icacls ProgramFiles /save
if defined ProgramFiles(x86) (
  icacls "%ProgramFiles(x86)%\*" /save "%OUT%\folder-acls-programs-x86.txt" /c /q >nul 2>nul
  call :took folder-acls-programs-x86.txt icacls ProgramFiles-x86 /save
)
icacls "%SystemDrive%\*" /save "%OUT%\folder-acls-drive.txt" /c /q >nul 2>nul
call :took folder-acls-drive.txt icacls SystemDrive /save

rem Names of what lies in the Startup folders.
type nul >"%OUT%\startup-folders.txt"
dir /b /s /a-d "%ProgramData%\Microsoft\Windows\Start Menu\Programs\Startup" >>"%OUT%\startup-folders.txt" 2>nul
for /d %%u in ("%SystemDrive%\Users\*") do dir /b /s /a-d "%%u\AppData\Roaming\Microsoft\Windows\Start Menu\Programs\Startup" >>"%OUT%\startup-folders.txt" 2>nul
>>"%M%" echo file 0 startup-folders.txt dir /b /s /a-d Startup folders

rem Programs on the fixed drives by name: what was never installed shows nowhere else.
type nul >"%OUT%\programs.txt"
for %%d in (C D E F G H I J K L M N O P Q R S T U V W X Y Z) do call :programs %%d
>>"%M%" echo file 0 programs.txt dir /b /s /a-d *.exe of fixed drives

call :now ended
echo Done: "%OUT%". Carry the folder, or a zip of it, to: watchfire inspect --from
exit /b 0

rem ---- from here on: one step each, called above ----

:value
reg query "%~1" /v "%~2" >>"%OUT%\registry-values.txt" 2>nul
>>"%M%" echo value %ERRORLEVEL% registry-values.txt %~1 :: %~2
exit /b 0

:tree
reg export "%~2" "%OUT%\%~1" /y >nul 2>nul
>>"%M%" echo tree %ERRORLEVEL% %~1 %~2
exit /b 0

:deep
reg query "%~2" /s /v "%~3" >"%OUT%\%~1" 2>nul
>>"%M%" echo deep %ERRORLEVEL% %~1 %~2 :: %~3
exit /b 0

:user
rem What programs register for a user is no setting.
set "U=%~1"
if not "%U:_Classes=%"=="%U%" exit /b 0
call :tree registry-user-%~1-run.reg "HKU\%~1\Software\Microsoft\Windows\CurrentVersion\Run"
call :tree registry-user-%~1-runonce.reg "HKU\%~1\Software\Microsoft\Windows\CurrentVersion\RunOnce"
call :tree registry-user-%~1-policy-run.reg "HKU\%~1\Software\Microsoft\Windows\CurrentVersion\Policies\Explorer\Run"
call :tree registry-user-%~1-uninstall.reg "HKU\%~1\Software\Microsoft\Windows\CurrentVersion\Uninstall"
for %%v in (14.0 15.0 16.0) do for %%p in (Word Excel PowerPoint Access) do call :office %~1 %%v %%p
exit /b 0

:office
call :value "HKU\%~1\Software\Policies\Microsoft\Office\%~2\%~3\Security" "VBAWarnings"
call :value "HKU\%~1\Software\Policies\Microsoft\Office\%~2\%~3\Security" "blockcontentexecutionfrominternet"
call :value "HKU\%~1\Software\Microsoft\Office\%~2\%~3\Security" "VBAWarnings"
call :value "HKU\%~1\Software\Microsoft\Office\%~2\%~3\Security" "blockcontentexecutionfrominternet"
exit /b 0

:wmi
set "WHERE="
if not "%~4"=="" set "WHERE= where %~4"
wmic /namespace:\\%~5 path %~2%WHERE% get %~3 /format:"%CSV%" >"%OUT%\%~1" 2>nul <nul
set "R=%ERRORLEVEL%"
if not "%R%"=="0" (
  %PS% "Get-WmiObject -ErrorAction Stop -Namespace '%~5' -Query 'select %~3 from %~2%WHERE%' | Select-Object %~3 | ConvertTo-Csv -NoTypeInformation" >"%OUT%\%~1" 2>nul <nul
  call set "R=%%ERRORLEVEL%%"
)
>>"%M%" echo file %R% %~1 WMI %~2
exit /b 0

:group
set "G=%~2"
for /f "delims=" %%g in ('%PS% "(New-Object Security.Principal.SecurityIdentifier('S-1-5-32-%~1')).Translate([Security.Principal.NTAccount]).Value.Split('\')[-1]" 2^>nul') do set "G=%%g"
net localgroup "%G%" >"%OUT%\group-%~1.txt" 2>nul
>>"%M%" echo file %ERRORLEVEL% group-%~1.txt net localgroup S-1-5-32-%~1
exit /b 0

:programs
find "%~1:" "%OUT%\drives.csv" >nul 2>nul
if errorlevel 1 exit /b 0
dir /b /s /a-d "%~1:\*.exe" >>"%OUT%\programs.txt" 2>nul
exit /b 0

:took
>>"%M%" echo file %ERRORLEVEL% %*
exit /b 0

:now
set "T=unknown"
for /f "delims=" %%t in ('%PS% "[DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ',[Globalization.CultureInfo]::InvariantCulture)" 2^>nul') do set "T=%%t"
>>"%M%" echo %~1 %T%
exit /b 0
