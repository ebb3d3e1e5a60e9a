import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { SETTINGS, type Setting } from '#config';
import { Access } from '../access/route-access.js';
import { settingsReply, toSettingsReply, type SettingsReply } from './dto/settings.dto.js';

@ApiTags('service')
@Controller('settings')
export class SettingsController {
  constructor(@Inject(SETTINGS) private readonly settings: readonly Setting[]) {}

  @Get()
  @Access('admin')
  @ApiOperation({
    summary: 'List the settings in force',
    description:
      'Every variable of the environment, as the process that answers has it; workers may have others. Passwords and what has some in it are never among the values.',
  })
  @ApiOkResponse({ standardSchema: settingsReply })
  list(): SettingsReply {
    return toSettingsReply(this.settings);
  }
}
