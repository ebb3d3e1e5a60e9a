export interface PageProps {
  readonly catalog: string;
}

/** In the order of the navigation. */
export const PAGES = [
  { id: 'overview', title: 'Overview', icon: 'M3 13h6V3H3zm8 8h10V11H11zM3 21h6v-6H3zm8-12h10V3H11z' },
  { id: 'try', title: 'Try it', icon: 'M4 6h16v2H4zm0 5h10v2H4zm0 5h7v2H4zm13-3 5 3.5-5 3.5z' },
  {
    id: 'items',
    title: 'Items',
    icon: 'M4 4h7v7H4zm9 0h7v7h-7zm-9 9h7v7H4zm9 0h7v7h-7z',
  },
  {
    id: 'users',
    title: 'Users',
    icon: 'M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8zm0 10c4.4 0 8 2 8 4.5V20H4v-1.5C4 16 7.600 14 12 14z',
  },
  { id: 'models', title: 'Models', icon: 'M4 20V10h4v10zm6 0V4h4v16zm6 0v-7h4v7z' },
  {
    id: 'training',
    title: 'Training',
    icon: 'M12 3a9 9 0 1 0 9 9h-2a7 7 0 1 1-7-7zm1 0v6h-2v4h6v-2h-4z',
  },
  {
    id: 'system',
    title: 'System',
    icon: 'M3 5h18v6H3zm0 8h18v6H3zm3-6v2h2V7zm0 8v2h2v-2z',
  },
] as const;

export type PageId = (typeof PAGES)[number]['id'];
