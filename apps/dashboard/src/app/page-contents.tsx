import { lazy, type ComponentType } from 'react';
import type { PageId, PageProps } from './page-list.js';

/** Each is loaded when it is first shown. */
export const CONTENTS: Readonly<Record<PageId, ComponentType<PageProps>>> = {
  overview: lazy(() => import('../pages/overview/overview.js')),
  try: lazy(() => import('../pages/try/try-it.js')),
  items: lazy(() => import('../pages/items/items.js')),
  users: lazy(() => import('../pages/users/users.js')),
  models: lazy(() => import('../pages/models/models.js')),
  training: lazy(() => import('../pages/training/training.js')),
  system: lazy(() => import('../pages/system/system.js')),
};
