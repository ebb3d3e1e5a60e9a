import { useEffect, useRef, useSyncExternalStore } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useTheme } from '../app/theme.js';
import { short } from './format.js';

interface ChartProps {
  /** What it shows, for who cannot see it. */
  readonly label: string;
  /** Seconds since 1970, ascending; or plain numbers, with `isTime` false. */
  readonly times: readonly number[];
  readonly series: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
  readonly isTime?: boolean;
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
export function Chart({ label, times, series, isTime = true }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [theme] = useTheme();
  const isDark = useDark();
  const names = series.map(({ name }) => name).join('\n');
  useEffect(() => {
    const element = place.current!;
    const made = new uPlot(optionsOf(element, names.split('\n'), isTime), [[]], element);
    plot.current = made;
    const resize = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    resize.observe(element);
    return () => {
      resize.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [names, isTime, theme, isDark]);
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

const CLOCK = new Intl.DateTimeFormat('en', { timeStyle: 'medium', hourCycle: 'h23' });

function optionsOf(element: HTMLElement, names: readonly string[], isTime: boolean): uPlot.Options {
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
    legend: { show: names.length > 1 },
    cursor: { show: false },
    scales: { x: { time: isTime }, y: { range: (_plot, _low, high) => [0, Math.max(high, 1) * 1.1] } },
    axes: [
      {
        ...axis,
        size: 24,
        space: 90,
        grid: { show: false },
        values: (_plot, ticks) => ticks.map((tick) => (isTime ? CLOCK.format(tick * 1_000) : short(tick))),
      },
      { ...axis, size: 36, values: (_plot, ticks) => ticks.map(short) },
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
