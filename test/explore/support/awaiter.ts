/** What TypeScript emits for async functions when it compiles to ES2015. */
export const __awaiter = (
  thisArg: unknown,
  _arguments: unknown,
  P: PromiseConstructor | undefined,
  generator: (...args: any[]) => Generator<any, any, any>,
): Promise<any> => {
  function adopt(value: any) {
    return value instanceof (P as any)
      ? value
      : new (P as any)((resolve: any) => {
          resolve(value)
        })
  }
  // biome-ignore lint/suspicious/noAssignInExpressions: as the compiler writes it
  return new (P || (P = Promise))((resolve: any, reject: any) => {
    function fulfilled(value: any) {
      try {
        step(generatorObject.next(value))
      } catch (e) {
        reject(e)
      }
    }
    function rejected(value: any) {
      try {
        step(generatorObject.throw(value))
      } catch (e) {
        reject(e)
      }
    }
    function step(result: any) {
      result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected)
    }
    const generatorObject: any = generator.apply(thisArg, (_arguments as any) || [])
    step(generatorObject.next())
  })
}
