/** Who asks, as the authenticator found out. */
export interface Identity {
  /** Keystone's id of the user, or the name in the password file; null: nobody was asked who they are. */
  readonly userId: string | null;
  readonly userName: string | null;
  /** The project that the token is for. null: it is for none. */
  readonly project: { readonly id: string; readonly name: string; readonly domainId: string } | null;
  /** Whether the token is for the whole system: scope "all". */
  readonly systemScope: boolean;
  /** Names of the roles that the user has there, with those that they imply. */
  readonly roles: readonly string[];
}

/** An identity that may do everything: without Keystone there are no roles, and no projects. */
export function administrator(user: string | null): Identity {
  return {
    userId: user,
    userName: user,
    project: null,
    systemScope: true,
    roles: ['admin', 'manager', 'member', 'reader'],
  };
}
