//! Power cuts. Killing a process proves nothing about fsync, because the kernel still holds what was written; so the
//! disk itself is photographed while a writer writes, and the photograph is opened.
//!
//! Why a copy of the image shows what fsync did and nothing else: the home lies on an ext4 file system of its own, on
//! a loop device over a file. Data that was written but not synced lies in the *inner* file system's page cache, which
//! belongs to the mounted file system, not to the image. It reaches the image file only when the inner file system
//! submits it to the device, which is what fsync waits for. Reading the image file goes through the *outer* file
//! system's page cache and sees exactly what was submitted, whether or not the outer system has written it to its own
//! disk. `an_unsynced_file_is_not_on_the_photograph` is the control: it shows that the camera sees no more than that.
//!
//! What it cannot show: a disk that loses what it was sent before a flush; the flush itself is the kernel's business.
//!
//! A photograph is taken of a stopped writer, again and again until two are equal, so that it is of one moment.

use crate::disk::{Disk, run};
use crate::material::{Folder, answers, assert_clean, author, say, skipped};
use crate::writer::Writer;
use evidence::{Digest, Time};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use store::{Options, Role, Steps, Store};

/// Size of the image in MiB.
const DISK_MEGABYTES: u32 = 48;
/// Photographs of a writer that runs freely.
const MOMENTS: u64 = 30;

/// Copies the image until two copies in a row are the same.
pub(crate) fn photograph(image: &Path, to: &Path) {
    let again = to.with_extension("again");
    let copy = |to: &Path| {
        run("cp", &["--sparse=always", image.to_str().unwrap(), to.to_str().unwrap()]).unwrap();
    };
    copy(to);
    loop {
        copy(&again);
        if run("cmp", &["-s", to.to_str().unwrap(), again.to_str().unwrap()]).is_ok() {
            return std::fs::remove_file(again).unwrap();
        }
        std::fs::rename(&again, to).unwrap();
    }
}

/// Mounts a photograph (which replays the inner journal), opens the log and looks for everything acknowledged.
/// Answers the number of records found.
fn develop(image: PathBuf, at: PathBuf, acknowledged: &[Digest], when: &str) -> u64 {
    let disk = Disk::mount(image.clone(), at).unwrap();
    let store = Store::open(&disk.home()).unwrap_or_else(|e| panic!("{when}: {e}"));
    store.drain().unwrap();
    for leaf in acknowledged {
        store.witness(*leaf).unwrap_or_else(|e| panic!("{when}: acknowledged and lost: {e}"));
        store.inclusion(*leaf).unwrap_or_else(|e| panic!("{when}: {e}"));
    }
    assert_clean(&store);
    // The log goes on from there.
    store.append(&answers(&store, 1_000_000..1_000_001)).unwrap_or_else(|e| panic!("{when}: {e}"));
    let size = store.size().unwrap();
    drop(store);
    drop(disk);
    std::fs::remove_file(image).unwrap();
    size - 1
}

#[test]
fn an_unsynced_file_is_not_on_the_photograph() {
    let folder = Folder::new("control");
    let disk = match Disk::make(&folder, DISK_MEGABYTES) {
        Ok(disk) => disk,
        Err(why) => return skipped("an_unsynced_file_is_not_on_the_photograph", &why),
    };
    std::fs::write(disk.at.join("synced"), b"1").unwrap();
    std::fs::File::open(disk.at.join("synced")).unwrap().sync_all().unwrap();
    std::fs::write(disk.at.join("unsynced"), b"1").unwrap();
    let photo = folder.0.join("photo");
    photograph(&disk.image, &photo);
    let seen = Disk::mount(photo, folder.0.join("seen")).unwrap();
    assert!(seen.at.join("synced").exists(), "the camera sees what was synced");
    assert!(!seen.at.join("unsynced").exists(), "the camera must not see what was not");
}

#[test]
fn no_acknowledged_record_is_lost_by_a_power_cut_at_any_moment() {
    let folder = Folder::new("power");
    let disk = match Disk::make(&folder, DISK_MEGABYTES) {
        Ok(disk) => disk,
        Err(why) => return skipped("no_acknowledged_record_is_lost_by_a_power_cut_at_any_moment", &why),
    };
    let mut writer = Writer::start(&disk.home(), 0, None);
    let mut acknowledged = Vec::new();
    let mut photos = Vec::new();
    for moment in 0..MOMENTS {
        // Acknowledgements come through a pipe, outside the image, and count only if read before the copy begins.
        for _ in 0..=moment % 4 {
            acknowledged.push(writer.next().unwrap());
        }
        // Somewhere within the next append, not at its beginning.
        std::thread::sleep(std::time::Duration::from_micros(moment * 331 % 5000));
        writer.signal("STOP");
        let photo = folder.0.join(format!("photo-{moment}"));
        photograph(&disk.image, &photo);
        writer.signal("CONT");
        photos.push((photo, acknowledged.len()));
    }
    writer.kill();
    let mut records = 0;
    for (moment, (photo, count)) in photos.into_iter().enumerate() {
        records += develop(photo, folder.0.join("seen"), &acknowledged[..count], &format!("moment {moment}"));
    }
    say(&format!(
        "power cuts: {MOMENTS} photographs, {} acknowledgements, {records} records found in all",
        acknowledged.len()
    ));
}

#[test]
fn no_acknowledged_record_is_lost_by_a_power_cut_after_any_durable_step() {
    let folder = Folder::new("steps");
    let disk = match Disk::make(&folder, DISK_MEGABYTES) {
        Ok(disk) => disk,
        Err(why) => return skipped("no_acknowledged_record_is_lost_by_a_power_cut_after_any_durable_step", &why),
    };
    let acknowledged: Arc<Mutex<Vec<Digest>>> = Arc::default();
    let seen: Arc<Mutex<Vec<&'static str>>> = Arc::default();
    let (image, to) = (disk.image.clone(), folder.0.clone());
    let (acks, names) = (Arc::clone(&acknowledged), Arc::clone(&seen));
    let steps = Steps::new(move |step| {
        let acks = acks.lock().unwrap().clone();
        let mut names = names.lock().unwrap();
        names.push(step);
        let when = format!("step {} ({step})", names.len());
        let photo = to.join("photo");
        photograph(&image, &photo);
        develop(photo, to.join("seen"), &acks, &when);
    });
    let store = Store::open_with(&disk.home(), Options { steps, ..Options::default() }).unwrap();
    let append = |from: u64, to: u64| {
        let acks = store.append(&answers(&store, from..to)).unwrap();
        acknowledged.lock().unwrap().extend(acks.iter().map(store::Ack::leaf));
    };
    append(0, 1);
    append(1, 4);
    store.rotate(Role::Evidence, author(), Time::from_secs(1)).unwrap();
    append(4, 5);
    store.rotate(Role::Log, author(), Time::from_secs(2)).unwrap();
    append(5, 7);
    drop(store);
    let seen = seen.lock().unwrap();
    let mut kinds: Vec<&str> = seen.clone();
    kinds.sort_unstable();
    kinds.dedup();
    say(&format!("power cuts: {} durable steps of {} kinds photographed: {kinds:?}", seen.len(), kinds.len()));
    assert!(kinds.len() >= 12, "{kinds:?}");
}

#[test]
fn no_acknowledged_record_is_lost_by_kill_9() {
    let folder = Folder::new("kill");
    let home = folder.home();
    let mut acknowledged = Vec::new();
    let mut kills = 0;
    // At every durable step of the first start and of appending, then at moments of chance.
    for step in 1..=60 {
        acknowledged.extend(Writer::dying(&home, kills * 100, step).finish());
        kills += 1;
    }
    for _ in 0..20 {
        let mut writer = Writer::start(&home, kills * 100, None);
        acknowledged.extend(writer.next());
        acknowledged.extend(writer.kill());
        kills += 1;
    }
    let store = Store::open(&home).unwrap();
    store.drain().unwrap();
    for leaf in &acknowledged {
        store.witness(*leaf).unwrap();
    }
    assert_clean(&store);
    say(&format!("kill -9: {kills} kills, {} acknowledgements, {} records", acknowledged.len(), store.size().unwrap()));
    assert!(acknowledged.len() > 60);
}
