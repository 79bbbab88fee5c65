// The little that the examples use of packages that bring no types.

declare module 'opossum-racy' {
  export default class CircuitBreaker {
    constructor(
      action: () => Promise<unknown>,
      options: { errorThresholdPercentage?: number; timeout?: number; resetTimeout?: number },
    )
    readonly opened: boolean
    readonly status: { shutdown(): void }
    fire(): Promise<unknown>
  }
}

declare module 'opossum-fixed' {
  export { default } from 'opossum-racy'
}

declare module 'proper-lockfile' {
  const lockfile: { lock(file: string, options: object): Promise<() => Promise<void>> }
  export default lockfile
}

declare module 'proper-lockfile/lib/lockfile.js' {
  export function getLocks(): Record<string, unknown>
}

declare module 'simple-oauth2-racy' {
  interface AccessToken {
    token: { access_token: string; refresh_token: string; expires_in: number }
    refresh(): Promise<AccessToken>
  }
  export default function simpleOauth2(config: { clientID: string; clientSecret: string; site: string }): {
    accessToken: { create(token: AccessToken['token']): AccessToken }
  }
}

declare module 'simple-oauth2-fixed' {
  export { default } from 'simple-oauth2-racy'
}
