/**
 * What `make` makes of each event. It ends as soon as it is told to, even while it waits: a generator
 * would first wait for its next event.
 */
export function mapEvents<From, To>(
  events: AsyncIterator<From, undefined>,
  make: (event: From) => To | Promise<To>,
): AsyncIterableIterator<To> {
  const mapped: AsyncIterableIterator<To> = {
    [Symbol.asyncIterator]: () => mapped,
    next: async () => {
      const event = await events.next();
      if (event.done === true) return { done: true, value: undefined };
      return { done: false, value: await make(event.value) };
    },
    return: async () => {
      await events.return?.();
      return { done: true, value: undefined };
    },
  };
  return mapped;
}
