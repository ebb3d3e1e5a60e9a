import { useEffect, useRef, useSyncExternalStore } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useTheme } from '../app/theme.js';
import { short } from './format.js';

interface ChartProps {
  /** What it shows, for who cannot see it. */
  readonly label: string;
  /** Ascending: seconds since 1970, or plain numbers. */
  readonly times: readonly number[];
  readonly series: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
  /** What `times` are read as. */
  readonly axis?: keyof typeof TICKS;
}

const HEIGHT = 140;
const COLOURS = ['--accent', '--good', '--warn'];

const DARK = matchMedia('(prefers-color-scheme: dark)');

/** Whether the system wants dark colours. */
function useDark(): boolean {
  return useSyncExternalStore(
    (listener) => {
      DARK.addEventListener('change', listener);
      return () => DARK.removeEventListener('change', listener);
    },
    () => DARK.matches,
  );
}

/** Lines over time. */
export function Chart({ label, times, series, axis = 'clock' }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [theme] = useTheme();
  const isDark = useDark();
  const names = series.map(({ name }) => name).join('\n');
  useEffect(() => {
    const element = place.current!;
    const made = new uPlot(optionsOf(element, names.split('\n'), axis), [[]], element);
    plot.current = made;
    const resize = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    resize.observe(element);
    return () => {
      resize.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [names, axis, theme, isDark]);
  useEffect(() => {
    plot.current?.setData([[...times], ...series.map(({ values }) => [...values])] as uPlot.AlignedData);
  });
  return <div ref={place} className="chart" role="img" aria-label={label} />;
}

/** As it is now: a canvas does not know variables, nor that a colour may have two values. */
function colourOf(element: HTMLElement, variable: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${variable})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** A tick of an axis; steps below 1 have digits of their own. */
function inDigits(tick: number): string {
  return Number.isInteger(tick) ? short(tick) : String(Number(tick.toPrecision(2)));
}

const CLOCK = new Intl.DateTimeFormat('en', { timeStyle: 'medium', hourCycle: 'h23' });
const DATE = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric', timeZone: 'UTC' });

const TICKS = {
  clock: (tick: number) => CLOCK.format(tick * 1_000),
  days: (tick: number) => DATE.format(tick * 1_000),
  numbers: short,
} as const;

function optionsOf(
  element: HTMLElement,
  names: readonly string[],
  axisKind: keyof typeof TICKS,
): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string) => colourOf(element, name);
  const axis = {
    stroke: style.color,
    font: `11px ${style.fontFamily}`,
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: names.length > 1, live: false },
    cursor: { show: false },
    scales: {
      x: { time: axisKind !== 'numbers' },
      y: { range: (_plot, _low, high) => [0, (high || 1) * 1.1] },
    },
    axes: [
      {
        ...axis,
        size: 24,
        space: 90,
        grid: { show: false },
        values: (_plot, ticks) => ticks.map(TICKS[axisKind]),
      },
      { ...axis, size: 36, values: (_plot, ticks) => ticks.map(inDigits) },
    ],
    series: [
      {},
      ...names.map((label, place) => ({
        label,
        stroke: colour(COLOURS[place % COLOURS.length]!),
        width: 2,
        points: { show: false },
      })),
    ],
  };
}
