/** Where each page of the console is. */
export const paths = {
  overview: "/api/console",
  approvals: "/api/console/approvals",
  findings: "/api/console/findings",
  requests: "/api/console/requests",
  estate: "/api/console/estate",
  access: "/api/console/access",
  capacity: "/api/console/capacity",
  standards: "/api/console/standards",
  ledger: "/api/console/ledger",
  configuration: "/api/console/configuration",
  orchestrations: "/api/console/orchestrations",
  deadLetters: "/api/console/deadletters",
  tour: "/api/console/tour",
  theme: "/api/console/theme",
  signIn: "/api/console/signin",
  signOut: "/api/console/signout",
} as const;
