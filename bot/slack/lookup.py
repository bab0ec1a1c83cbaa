"""Looks people up for a process that has no connection to Slack: a terminal's."""

from bot.slack.connector import SlackConnector, web_client
from core.messages import Account
from core.ports.platforms import Profile


class SlackLookup:
    """Implements `KnowsPeople` and `KnowsGroups`; opens a client for each call, since there are few."""

    def __init__(self, token: str, api_url: str) -> None:
        self._token = token
        self._api_url = api_url

    async def profile(self, account: Account) -> Profile:
        """See `KnowsPeople.profile`."""
        async with web_client(self._token, self._api_url) as client:
            return await SlackConnector(client, team=account.workspace).profile(account)

    async def group_members(self, workspace: str, group: str) -> frozenset[str]:
        """See `KnowsGroups.group_members`."""
        async with web_client(self._token, self._api_url) as client:
            return await SlackConnector(client, team=workspace).group_members(workspace, group)
