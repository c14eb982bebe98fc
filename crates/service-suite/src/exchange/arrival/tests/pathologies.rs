//! Writers that behave oddly, on a real folder and with a clock that the story turns; each with a stated outcome.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use super::*;
use crate::exchange::local::LocalFolder;
use crate::exchange::place::Place;

struct Story {
    temp: tempfile::TempDir,
    place: LocalFolder,
    arrival: Arrival,
}

impl Story {
    fn new(conditions: impl Into<Conditions>) -> Self {
        let temp = tempfile::tempdir().unwrap();
        let place = LocalFolder::new(temp.path());
        Self { temp, place, arrival: Arrival::new(conditions) }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.temp.path().join(name)
    }

    fn write(&self, text: &str) {
        fs::write(self.path("customers.txt"), text).unwrap();
    }

    fn open(&self) -> File {
        OpenOptions::new().read(true).append(true).create(true).open(self.path("customers.txt")).unwrap()
    }

    fn look(&mut self, at: f64) -> Verdict {
        let found = self.place.look("customers.txt").found();
        look(&mut self.arrival, at, found)
    }

    /// Waits until the file system's clock has moved on: older kernels move it in steps of some milliseconds.
    fn tick(&self) {
        let probe = self.path("probe");
        let time = || {
            fs::write(&probe, "x").unwrap();
            fs::metadata(&probe).unwrap().modified().unwrap()
        };
        let before = time();
        while time() <= before {}
        fs::remove_file(&probe).unwrap();
    }
}

#[test]
fn a_pause_in_the_middle_of_a_line_is_waited_for_while_the_writer_has_the_file_open() {
    let mut story = Story::new(seconds(10.0));
    let mut writer = story.open();
    writer.write_all(b"Kundenr;Navn\n10;Al").unwrap();
    for at in [0.0, 10.0, 30.0] {
        assert!(!settled(&story.look(at)));
    }
    assert_eq!(settling(&story.look(30.0)).0, Reason::OpenForWriting);
    writer.write_all(b"fa\n").unwrap();
    assert_eq!(settling(&story.look(31.0)).0, Reason::SizeChanged);
    drop(writer);
    assert!(!settled(&story.look(40.0)));
    assert!(settled(&story.look(41.0)));
    // One that closes it and goes on 30 s later has fallen silent for longer than the settle time: the file is taken,
    // and refused as incomplete when it is read, since its last record is half.
    let mut story = Story::new(seconds(10.0));
    story.write("Kundenr;Navn\n10;Al");
    story.look(0.0);
    assert!(settled(&story.look(10.0)));
}

#[test]
fn a_preallocated_file_is_not_taken_while_it_is_being_filled() {
    let mut story = Story::new(seconds(10.0));
    let writer = story.open();
    rustix::fs::fallocate(&writer, rustix::fs::FallocateFlags::empty(), 0, 4096).unwrap();
    for at in [0.0, 10.0, 100.0] {
        assert!(!settled(&story.look(at)), "held open");
    }
    // Left behind by a crash it is taken, and refused for its NUL bytes when it is read.
    drop(writer);
    assert!(settled(&story.look(101.0)));
}

#[test]
fn a_file_written_through_memory_is_waited_for_until_the_mapping_ends() {
    let mut story = Story::new(seconds(10.0));
    story.write("Kundenr;Navn\n10;Alfa\n");
    let file = OpenOptions::new().read(true).write(true).open(story.path("customers.txt")).unwrap();
    let map = crate::exchange::os::testing::Mapping::new(&file);
    drop(file);
    story.look(0.0);
    map.write(16, b"B");
    assert!(!settled(&story.look(60.0)));
    // The file is closed, and its times need not move with every write to the memory: only the lease knows.
    map.write(17, b"e");
    assert!(!settled(&story.look(120.0)));
    assert_eq!(settling(&story.look(180.0)).0, Reason::OpenForWriting);
    drop(map);
    story.look(181.0);
    assert!(settled(&story.look(191.0)));
    assert!(fs::read_to_string(story.path("customers.txt")).unwrap().contains("10;Befa"));
}

#[test]
fn times_that_are_set_to_anything_never_settle_a_file_early_or_keep_it_for_ever() {
    let second = Duration::from_secs(1);
    for time in [UNIX_EPOCH, UNIX_EPOCH + 4_000_000_000 * second, UNIX_EPOCH + 1_700_000_000 * second] {
        let mut story = Story::new(seconds(10.0));
        let mut writer = story.open();
        for step in 0..5 {
            // As rsync -t and copying programs do: the date of the source, after each block.
            writer.write_all(b"10;Alfa\n").unwrap();
            writer.set_modified(time).unwrap();
            assert!(!settled(&story.look(f64::from(step) * 9.0)));
        }
        drop(writer);
        assert!(!settled(&story.look(45.9)));
        assert!(settled(&story.look(46.0)), "{time:?}");
    }
}

#[test]
fn other_content_of_the_same_size_and_date_is_a_change() {
    let mut story = Story::new(seconds(10.0));
    story.write("10;Alfa\n");
    let date = fs::metadata(story.path("customers.txt")).unwrap().modified().unwrap();
    story.look(0.0);
    story.tick();
    story.write("10;Beta\n");
    story.open().set_modified(date).unwrap();
    assert_eq!(settling(&story.look(9.0)).0, Reason::TimeChanged, "the change time cannot be put back");
    assert!(!settled(&story.look(18.0)));
    // The same by rename, which leaves even the change time of a file system with steps of 2 s alone.
    fs::write(story.path("next"), "10;Gama\n").unwrap();
    OpenOptions::new().append(true).open(story.path("next")).unwrap().set_modified(date).unwrap();
    rustix::fs::rename(story.path("next"), story.path("customers.txt")).unwrap();
    assert_eq!(settling(&story.look(19.0)).0, Reason::Replaced);
    assert!(settled(&story.look(29.0)));
}

#[test]
fn where_times_move_in_steps_of_two_seconds_a_change_is_seen_by_size_identity_or_the_next_step() {
    let coarse = |size, modified| Sighting {
        size,
        modified: FileTime { seconds: modified, nanoseconds: 0 },
        changed: FileTime { seconds: modified, nanoseconds: 0 },
        ..sighting(5)
    };
    let mut arrival = Arrival::new(seconds(10.0));
    look(&mut arrival, 0.0, Found::Seen(coarse(5, 100)));
    assert_eq!(settling(&look(&mut arrival, 0.5, Found::Seen(coarse(9, 100)))).0, Reason::SizeChanged);
    // The same size within one step: not to be seen, and so only a settle time longer than a step protects.
    assert!(!settled(&look(&mut arrival, 1.9, Found::Seen(coarse(9, 100)))));
    assert_eq!(settling(&look(&mut arrival, 2.1, Found::Seen(coarse(9, 102)))).0, Reason::TimeChanged);
    assert!(settled(&look(&mut arrival, 12.1, Found::Seen(coarse(9, 102)))));
}

#[test]
fn files_that_come_by_link_settle_like_any_other() {
    let mut story = Story::new(seconds(10.0));
    // A second name for a file that is whole.
    fs::write(story.path("elsewhere"), "10;Alfa\n").unwrap();
    fs::hard_link(story.path("elsewhere"), story.path("customers.txt")).unwrap();
    story.look(0.0);
    assert!(settled(&story.look(10.0)));
    // A write through the other name is a write to this file.
    story.tick();
    fs::write(story.path("elsewhere"), "10;Beta\n").unwrap();
    assert!(!settled(&story.look(11.0)));
    fs::remove_file(story.path("customers.txt")).unwrap();

    // A file without a name that gets one when it is whole.
    use rustix::fs::{AtFlags, Mode, OFlags};
    let flags = OFlags::TMPFILE | OFlags::WRONLY;
    let file = File::from(rustix::fs::open(story.temp.path(), flags, Mode::RUSR | Mode::WUSR).unwrap());
    (&file).write_all(b"10;Alfa\n").unwrap();
    let by_number = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&file));
    let to = story.path("customers.txt");
    rustix::fs::linkat(rustix::fs::CWD, by_number, rustix::fs::CWD, to, AtFlags::SYMLINK_FOLLOW).unwrap();
    story.look(20.0);
    assert_eq!(settling(&story.look(60.0)).0, Reason::OpenForWriting, "its writer still has it open");
    drop(file);
    assert!(settled(&story.look(61.0)));
}

#[test]
fn a_real_rename_is_told_from_a_write_by_the_times() {
    let renamed = Conditions { renamed: true, ..Conditions::from(seconds(10.0)) };
    let mut story = Story::new(renamed.clone());
    fs::write(story.path("customers.txt.part"), "10;Alfa\n").unwrap();
    story.tick();
    rustix::fs::rename(story.path("customers.txt.part"), story.path("customers.txt")).unwrap();
    story.look(0.0);
    assert!(settled(&story.look(10.0)));
    // It grows under its final name.
    story.tick();
    story.open().write_all(b"20;Beta\n").unwrap();
    let never = |verdict: &Verdict| {
        matches!(verdict, Verdict::NotAFileWeTake { refusal: Refusal::WrittenInPlace, .. })
    };
    assert!(never(&story.look(11.0)) && never(&story.look(1_000.0)));
    // Written where it is from the start.
    let mut story = Story::new(renamed);
    story.write("10;Alfa\n");
    assert!(never(&story.look(0.0)) && never(&story.look(1_000.0)));
}
