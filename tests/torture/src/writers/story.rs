//! What happens to a writer's deliveries, as stories that each writer goes through.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use installation::{DEADLINE, names, until};

use super::delivery::{Delivery, ROW};
use super::process::Process;
use super::stage::{SETTLE, Stage, is_claim_of};
use super::writer::{How, SLOW, Writer};

/// A story of deliveries.
type Story = fn(&mut Stage, &dyn Writer) -> anyhow::Result<()>;

/// What every writer goes through, one after the other.
const STORIES: &[(&str, Story)] = &[
    ("cut between rows", cut_between_rows),
    ("in sequence", in_sequence),
    ("slowly", slowly),
    ("standing still", standing_still),
    ("cut and sent again", cut_and_sent_again),
    ("cut and resumed", cut_and_resumed),
    ("the server's session dies", server_session_dies),
    ("an end without a beginning", end_without_a_beginning),
    ("written over", written_over),
    ("renamed when whole", renamed_when_whole),
];

/// Takes a writer through all stories.
pub(super) fn all(stage: &mut Stage, writer: &dyn Writer) -> anyhow::Result<()> {
    STORIES.iter().try_for_each(|(name, story)| story(stage, writer).with_context(|| (*name).to_owned()))
}

/// Rows of a delivery that is sent slowly: for about four times the settle time.
const MANY_ROWS: usize = 4 * SETTLE.as_secs() as usize * SLOW / ROW;

/// The name that is waited for.
pub(super) const NAME: &str = "customers.txt";

/// Three days' exports, each sent as soon as the one before was taken, while that is still being imported.
fn in_sequence(stage: &mut Stage, writer: &dyn Writer) -> anyhow::Result<()> {
    let mut days = Vec::new();
    for _ in 0..3 {
        let (delivery, file) = stage.next_day(None)?;
        client(stage, writer.send(&file, NAME, How::AtOnce))?.succeeds()?;
        stage.sent.arrived(&delivery);
        until("the file to be taken", DEADLINE, || Ok(!stage.exchange().join(NAME).exists()))?;
        days.push(delivery);
    }
    days.iter().try_for_each(|delivery| stage.applied(delivery))
}

/// An upload that lasts longer than the settle time. It is taken once, and whole.
fn slowly(stage: &mut Stage, writer: &dyn Writer) -> anyhow::Result<()> {
    let taken = stage.taken()?;
    let (delivery, file) = stage.next_day(Some(MANY_ROWS))?;
    let began = Instant::now();
    client(stage, writer.send(&file, NAME, How::Slowly))?.succeeds()?;
    let lasted = began.elapsed();
    ensure!(lasted > 2 * SETTLE, "a slow upload was over after {lasted:?}");
    stage.sent.arrived(&delivery);
    stage.applied(&delivery)?;
    ensure!(stage.taken()? == taken + 1, "a slow upload was taken in pieces");
    Ok(())
}

/// An upload whose client stands still for longer than the settle time, with the connection open. As the server has the
/// file open meanwhile, it is not taken.
fn standing_still(stage: &mut Stage, writer: &dyn Writer) -> anyhow::Result<()> {
    if !stage.rights.see_writers() {
        return standing_still_unseen(stage, writer);
    }
    let taken = stage.taken()?;
    let Half { delivery, mut upload, .. } = half_sent(stage, writer)?;
    writer.stand_still(&upload, true)?;
    nothing_is_taken(stage, taken, 2 * SETTLE)?;
    writer.stand_still(&upload, false)?;
    upload.succeeds()?;
    stage.sent.arrived(&delivery);
    stage.applied(&delivery)
}

/// The same where nobody can see who has the file open: what a pause longer than the settle time hides. The half file is
/// taken and refused, since it ends within a row; the server writes the rest to a file that has no name any more. The
/// client hears nothing of that, and only the refused import tells.
fn standing_still_unseen(stage: &mut Stage, writer: &dyn Writer) -> anyhow::Result<()> {
    let Half { delivery, file, mut upload, .. } = half_sent(stage, writer)?;
    let (taken, refused) = (stage.taken()?, stage.refused_count());
    writer.stand_still(&upload, true)?;
    half_is_refused(stage, !writer.hides(), taken, refused)?;
    writer.stand_still(&upload, false)?;
    upload.succeeds()?;
    if !writer.hides() {
        stage.sent.interrupted();
        client(stage, writer.send(&file, NAME, How::AtOnce))?.succeeds()?;
    }
    stage.sent.arrived(&delivery);
    stage.applied(&delivery)
}

/// The ERP system itself stops between two rows, and what it has is sent. Only a trailer tells that; without one the
/// part is applied.
fn cut_between_rows(stage: &mut Stage, writer: &dyn Writer) -> anyhow::Result<()> {
    let (delivery, file) = stage.next_day(None)?;
    let part = stage.client_file("part.txt");
    std::fs::write(&part, delivery.up_to_a_row())?;
    let (taken, refused) = (stage.taken()?, stage.refused_count());
    client(stage, writer.send(&part, NAME, How::AtOnce))?.succeeds()?;
    stage.sent.interrupted();
    until("the part to be taken", DEADLINE, || Ok(stage.taken()? > taken))?;
    if stage.sent.trailer {
        stage.refused(refused + 1)?;
    }
    stage.gone(NAME)?;
    client(stage, writer.send(&file, NAME, How::AtOnce))?.succeeds()?;
    stage.sent.arrived(&delivery);
    stage.applied(&delivery)
}

/// The client is killed half way, and comes again after the half file was refused. What it sends then is the next
/// delivery.
fn cut_and_sent_again(stage: &mut Stage, writer: &dyn Writer) -> anyhow::Result<()> {
    let Half { delivery, file, mut upload, .. } = half_sent(stage, writer)?;
    let (taken, refused) = (stage.taken()?, stage.refused_count());
    upload.kill();
    stage.sent.interrupted();
    half_is_refused(stage, writer.shows_what_a_dead_client_sent(), taken, refused)?;
    send_the_rest(stage, writer, &file)?;
    stage.sent.arrived(&delivery);
    stage.applied(&delivery)
}

/// The client is killed half way, and goes on at once, before the half file has settled.
fn cut_and_resumed(stage: &mut Stage, writer: &dyn Writer) -> anyhow::Result<()> {
    let Half { delivery, file, mut upload, .. } = half_sent(stage, writer)?;
    upload.kill();
    stage.sent.interrupted();
    send_the_rest(stage, writer, &file)?;
    stage.gone(NAME)?;
    // On a busy machine the half file may have been taken before, and then all of it was sent.
    if !writer.resumes() && !stage.has_applied(&delivery)? {
        stage.sent.spoiled();
        client(stage, writer.send(&file, NAME, How::AtOnce))?.succeeds()?;
    }
    stage.sent.arrived(&delivery);
    stage.applied(&delivery)
}

/// The server's session dies half way; the client notices and sends everything again.
fn server_session_dies(stage: &mut Stage, writer: &dyn Writer) -> anyhow::Result<()> {
    // Which session it is shows only to root: servers keep what they have open to themselves.
    let server = writer.server().filter(|_| rustix::process::geteuid().is_root());
    let Some(server) = server else { return Ok(()) };
    let Half { delivery, file, mut upload, name } = half_sent(stage, writer)?;
    let (taken, refused) = (stage.taken()?, stage.refused_count());
    ensure!(server.kill_holders(&stage.exchange().join(&name))? > 0, "no session had the file open");
    ensure!(!upload.ends()?, "the client did not notice that its session died: {}", upload.said());
    stage.sent.interrupted();
    half_is_refused(stage, !writer.hides(), taken, refused)?;
    if name != NAME {
        // ProFTPD takes no further upload while the hidden file of a dead session lies there: somebody removes it.
        std::fs::remove_file(stage.exchange().join(name))?;
    }
    client(stage, writer.send(&file, NAME, How::AtOnce))?.succeeds()?;
    stage.sent.arrived(&delivery);
    stage.applied(&delivery)
}

/// The client goes on at the place that it remembers, though the half file was refused and is gone. What arrives is an
/// end without a beginning, which is refused too.
fn end_without_a_beginning(stage: &mut Stage, writer: &dyn Writer) -> anyhow::Result<()> {
    let (delivery, file) = stage.next_day(None)?;
    let Some(command) = writer.send_from(&file, NAME, delivery.bytes.len() / 2) else { return Ok(()) };
    let refused = stage.refused_count();
    client(stage, command)?.succeeds()?;
    stage.sent.interrupted();
    stage.refused(refused + 1)?;
    client(stage, writer.send(&file, NAME, How::AtOnce))?.succeeds()?;
    stage.sent.arrived(&delivery);
    stage.applied(&delivery)
}

/// The ERP system writes over an export before it was taken.
fn written_over(stage: &mut Stage, writer: &dyn Writer) -> anyhow::Result<()> {
    let (first, file) = stage.next_day(None)?;
    client(stage, writer.send(&file, NAME, How::AtOnce))?.succeeds()?;
    let (second, file) = stage.next_day(None)?;
    client(stage, writer.send(&file, NAME, How::AtOnce))?.succeeds()?;
    stage.sent.arrived(&first);
    stage.sent.written_over(&first);
    stage.sent.arrived(&second);
    stage.applied(&second)
}

/// A file that is sent under another name and renamed when it is whole. Under the other name it is never taken.
fn renamed_when_whole(stage: &mut Stage, writer: &dyn Writer) -> anyhow::Result<()> {
    let aside = format!("{NAME}.filepart");
    let Some(rename) = writer.rename(&aside, NAME) else { return Ok(()) };
    let taken = stage.taken()?;
    let (delivery, file) = stage.next_day(None)?;
    client(stage, writer.send(&file, &aside, How::AtOnce))?.succeeds()?;
    nothing_is_taken(stage, taken, 2 * SETTLE)?;
    // The command is made anew: a client's batch belongs to the command made last.
    drop(rename);
    let rename = writer.rename(&aside, NAME).context("renaming is possible")?;
    client(stage, rename)?.succeeds()?;
    stage.sent.arrived(&delivery);
    stage.applied(&delivery)
}

fn client(stage: &Stage, command: std::process::Command) -> anyhow::Result<Process> {
    Process::client(command, stage.client_file("client.said"))
}

/// A slow upload that is under way.
struct Half {
    delivery: Delivery,
    /// On the ERP system's side.
    file: PathBuf,
    upload: Process,
    /// The name that it has in the exchange folder so far.
    name: String,
}

/// Begins a slow upload, and waits until a good part of the file is there, under whatever name.
fn half_sent(stage: &mut Stage, writer: &dyn Writer) -> anyhow::Result<Half> {
    let before = names(stage.exchange());
    let (delivery, file) = stage.next_day(Some(MANY_ROWS))?;
    let mut upload = client(stage, writer.send(&file, NAME, How::Slowly))?;
    let mut name = None;
    until("half of the file to be there", DEADLINE, || {
        ensure!(!upload.has_ended()?, "an upload ended too early: {}", upload.said());
        let size =
            |name: &String| std::fs::metadata(stage.exchange().join(name)).map_or(0, |file| file.len());
        let new = names(stage.exchange()).into_iter();
        let mut new = new.filter(|name| !before.contains(name) && !is_claim_of(NAME, name));
        name = new.find(|name| size(name) > delivery.bytes.len() as u64 / 4);
        Ok(name.is_some())
    })?;
    let name = name.context("no half file")?;
    Ok(Half { delivery, file, upload, name })
}

/// A half file that can be seen is refused; one that cannot is left alone.
fn half_is_refused(stage: &Stage, seen: bool, taken: usize, refused: usize) -> anyhow::Result<()> {
    if !seen {
        return nothing_is_taken(stage, taken, 2 * SETTLE);
    }
    stage.refused(refused + 1)?;
    stage.gone(NAME)
}

/// Goes on where the upload was cut. A client that finds that it cannot, sends everything.
fn send_the_rest(stage: &Stage, writer: &dyn Writer, file: &Path) -> anyhow::Result<()> {
    if client(stage, writer.send(file, NAME, How::Resumed))?.ends()? {
        return Ok(());
    }
    client(stage, writer.send(file, NAME, How::AtOnce))?.succeeds()
}

/// Looks for so long, and fails as soon as anything is taken.
pub(super) fn nothing_is_taken(stage: &Stage, taken: usize, lasting: Duration) -> anyhow::Result<()> {
    let began = Instant::now();
    until("the time to pass", lasting + DEADLINE, || {
        let claimed = names(stage.exchange()).iter().any(|name| is_claim_of(NAME, name));
        ensure!(!claimed, "a half file was taken");
        Ok(began.elapsed() >= lasting)
    })?;
    ensure!(stage.taken()? == taken, "a half file was taken");
    Ok(())
}
