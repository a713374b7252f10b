import type { Type } from '@nestjs/common';
import { routeSpecOf, type RouteSpec } from '../common/route.js';

/** The routes that a list of controllers serves, by controller and then in the order in which they are written. */
export const collectRoutes = (controllers: readonly Type[]): RouteSpec[] => controllers.flatMap((controller) => {
  const prototype: unknown = controller.prototype;
  if (typeof prototype !== 'object' || prototype === null) return [];
  return Object.getOwnPropertyNames(prototype).flatMap((name) => {
    const handler: unknown = Object.getOwnPropertyDescriptor(prototype, name)?.value;
    const spec = typeof handler === 'function' ? routeSpecOf(handler) : undefined;
    return spec === undefined ? [] : [spec];
  });
});
