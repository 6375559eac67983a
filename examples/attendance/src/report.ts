/** What `report` and `export` make of the archive. */
import { escapeControls } from '@socketserver/host';

import type { Archive, ArchivedSession, SessionRange } from './archive';
import type { ArchiveTexts } from './archive-texts';
import { isoLocal } from './local-time';
import { day, minute } from './wire-texts';

/** Columns of a terminal. */
const WIDTH = 80;

/** A class for people: its sessions, the newest first, then its students. Parts of a text, each with whole lines. */
export function* reportOf(archive: Archive, classNumber: string, texts: ArchiveTexts): Generator<string, void> {
  const total = archive.countSessions(classNumber);
  yield `${texts.heading(classNumber, total)}\n\n`;
  for (const session of archive.sessions(classNumber, { newestFirst: true })) {
    const students = session.presences.map(({ student }) => student);
    yield `${spanOf(session, texts)}  ${texts.present(students.length)}\n${listed(students)}\n`;
  }
  yield `${texts.byStudent}\n`;
  for (const { student, sessions } of archive.students(classNumber)) {
    yield `  ${escapeControls(student).padEnd(20)}  ${texts.presentIn(sessions, total)}\n`;
  }
}

/** One row for each presence; and one without a student for a session in which nobody was, so that it counts. */
export function* rowsOf(archive: Archive, classNumber: string, range: SessionRange): Generator<string[], void> {
  for (const { openedAt, closedAt, presences } of archive.sessions(classNumber, range)) {
    const session = [classNumber, isoLocal(openedAt), closedAt === null ? '' : isoLocal(closedAt)];
    for (const { student, at } of presences) yield [...session, student, isoLocal(at)];
    if (presences.length === 0) yield [...session, '', ''];
  }
}

/** `19/11/2026 08:05–09:40` */
function spanOf({ openedAt, closedAt }: ArchivedSession, { stillOpen }: ArchiveTexts): string {
  const begin = `${day(openedAt)} ${minute(openedAt)}`;
  if (closedAt === null) return `${begin}–${stillOpen}`;
  const isSameDay = day(closedAt) === day(openedAt);
  return `${begin}–${isSameDay ? '' : `${day(closedAt)} `}${minute(closedAt)}`;
}

/** Numbers in lines that fit a terminal. */
function listed(students: readonly string[]): string {
  let text = '';
  let line = '';
  for (const student of students) {
    const item = `  ${escapeControls(student)}`;
    if (line.length + item.length > WIDTH) {
      text += `${line}\n`;
      line = '';
    }
    line += item;
  }
  return line === '' ? '' : `${text}${line}\n`;
}
