/** Prints the growth that a soak has shown. */
import { coresOf, growthOf } from './growth.mjs';

const MIB = 2 ** 20;

/** @param lines of the file of samples: its head and then one each */
export function printReport([head, ...samples], { warmUpMinutes, asJson }) {
  const growth = growthOf(samples, warmUpMinutes * 60);
  const last = samples.at(-1);
  const report = {
    ...head,
    warmUpMinutes,
    seconds: last.seconds,
    samples: samples.length,
    answers: last.load.answers,
    cores: coresOf(samples),
    walBytes: last.postgres.walBytes - samples[0].postgres.walBytes,
    ...growth,
  };
  process.stdout.write(asJson ? `${JSON.stringify(report)}\n` : textOf(report));
}

function textOf({ seconds, samples, answers, cores, walBytes, warmUpMinutes, rows, others, ...head }) {
  const lines = Object.entries(others).filter(([, line]) => line !== null);
  const grown = lines.filter(([, line]) => line.low > 0 || line.high < 0);
  return `${[
    `soak ${JSON.stringify(head)}`,
    `${Math.round(seconds / 60)} minutes, ${samples} samples, the first ${warmUpMinutes} minutes left out`,
    `answers by status: ${JSON.stringify(answers)}`,
    `cores: ${Object.entries(cores)
      .map(([name, share]) => `${name} ${share.toFixed(3)}`)
      .join(', ')}`,
    `write-ahead log: ${(walBytes / MIB).toFixed(1)} MiB`,
    '',
    '| of | rows | bytes a row | 95 % |\n| --- | --- | --- | --- |',
    ...Object.entries(rows).map(rowOf),
    '',
    '| of | mean | growth an hour | 95 % | includes 0 |\n| --- | --- | --- | --- | --- |',
    ...lines.map(otherOf),
    '',
    `${lines.length} intervals, ${grown.length} without 0; chance alone leaves out ${(lines.length / 20).toFixed(1)}.`,
  ].join('\n')}\n`;
}

function rowOf([table, { rows, line }]) {
  const cells = line ? [line.slope, `${short(line.low)} to ${short(line.high)}`] : ['', ''];
  return `| ${table} | ${rows} | ${line ? short(cells[0]) : ''} | ${cells[1]} |`;
}

function otherOf([name, { slope, low, high, mean }]) {
  const isBytes = name.includes('bytes');
  const unit = isBytes ? 1_024 : 1;
  const shown = (value) => short(value / unit);
  const title = isBytes ? name.replace('bytes', 'KiB') : name;
  const includes = low <= 0 && high >= 0 ? 'yes' : 'no';
  return `| ${title} | ${shown(mean)} | ${shown(slope)} | ${shown(low)} to ${shown(high)} | ${includes} |`;
}

function short(value) {
  if (value === 0) return '0';
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
